#include "libcli/commands/sim/seed_report.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace kt::cli::sim {
namespace {

using kt::sim::RunOptions;
using kt::sim::RunResult;

constexpr uint64_t seeds_between_double_runs = 100;

}  // namespace

std::string SeedReport::text() const {
  return fmt::format(
      "seed {} {} {}: {:.1f} s, {} nodes, {} events, {} faults, {} starts; {} acknowledged, {} read, {} "
      "commits; "
      "{} leader changes, {} controllers; trace {}",
      seed, profile, has_failed() ? "FAILED" : "ok", simulated_s, nodes, events, faults, starts, acknowledged,
      read, commits, leader_changes, elections, trace);
}

std::string SeedReport::failure_text() const {
  std::string text;
  for (const std::string& violation : violations) text += fmt::format("  {}\n", violation);
  if (!shrunk.empty() || planned == 0)
    text += fmt::format("  {} of {} faults are enough:\n", shrunk.size(), planned);
  for (const std::string& fault : shrunk) text += fmt::format("    {}\n", fault);
  return text +
         fmt::format("  again: kt sim --seed {} --profile {} --nodes {} --replay\n", seed, profile, nodes);
}

std::string SeedReport::json() const {
  const nlohmann::ordered_json line{{"seed", seed},
                                    {"profile", profile},
                                    {"nodes", nodes},
                                    {"ok", !has_failed()},
                                    {"violations", violations},
                                    {"shrunk", shrunk},
                                    {"simulated_s", simulated_s},
                                    {"events", events},
                                    {"planned", planned},
                                    {"faults", faults},
                                    {"starts", starts},
                                    {"acknowledged", acknowledged},
                                    {"read", read},
                                    {"commits", commits},
                                    {"leader_changes", leader_changes},
                                    {"elections", elections},
                                    {"trace", trace}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

SeedReport SeedReport::from_json(const std::string& text) {
  const auto line = nlohmann::json::parse(text);
  return {.seed = line["seed"],
          .profile = line["profile"],
          .nodes = line["nodes"],
          .violations = line["violations"],
          .shrunk = line["shrunk"],
          .simulated_s = line["simulated_s"],
          .events = line["events"],
          .planned = line["planned"],
          .faults = line["faults"],
          .starts = line["starts"],
          .acknowledged = line["acknowledged"],
          .read = line["read"],
          .commits = line["commits"],
          .leader_changes = line["leader_changes"],
          .elections = line["elections"],
          .trace = line["trace"]};
}

SeedReport run_seed(uint64_t seed, const Options& options, const RunOptions& watching) {
  RunOptions one = watching;
  one.seed = seed;
  one.profile = options.profile;
  one.nodes = options.nodes;
  if (options.mutant) one.mutants = Mutants(*options.mutant);
  RunResult result = kt::sim::run(one);
  one.sink = {};
  one.tell = {};
  if (options.runs_twice || (!options.mutant && seed % seeds_between_double_runs == 0)) {
    const uint64_t again = kt::sim::run(one).trace_hash;
    if (again != result.trace_hash)
      result.violations.push_back(fmt::format("a second run came to another trace: {:016x}", again));
  }
  SeedReport report{.seed = seed,
                    .profile = std::string(name_of(result.profile)),
                    .nodes = result.nodes,
                    .violations = result.violations,
                    .simulated_s = static_cast<double>(result.simulated_ms) / 1'000,
                    .events = result.events,
                    .planned = result.plan.size(),
                    .faults = result.faults,
                    .starts = result.starts,
                    .acknowledged = result.acknowledged,
                    .read = result.polled,
                    .commits = result.committed,
                    .leader_changes = result.leader_changes,
                    .elections = result.elections,
                    .trace = fmt::format("{:016x}", result.trace_hash)};
  if (!report.has_failed() || options.mutant) return report;
  for (const kt::sim::PlannedFault& fault : kt::sim::shrink(one, result))
    report.shrunk.push_back(fault.text());
  return report;
}

}  // namespace kt::cli::sim
