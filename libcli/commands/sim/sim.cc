#include "libcli/commands/sim/sim.h"

#include <fmt/core.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/logger.h"

namespace kt::cli::sim {
namespace {

using kt::sim::RunOptions;
using kt::sim::RunResult;

constexpr uint64_t seeds_between_double_runs = 100;

template <class T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// The figures of all seeds so far.
class Tally {
 public:
  void add(const RunResult& result) {
    failed_ += result.violations.empty() ? 0 : 1;
    simulated_s_.push_back(static_cast<double>(result.simulated_ms) / 1'000);
    acknowledged_.push_back(result.acknowledged);
    faults_.push_back(result.plan.size());
    starts_ += result.starts;
  }
  uint64_t failed() const { return failed_; }
  std::string text(int64_t took_ms) const {
    const auto seeds = static_cast<double>(simulated_s_.size());
    return fmt::format(
        "{} seeds, {} failed; medians: {:.1f} s simulated, {} records acknowledged, {} faults; {} starts; "
        "{:.1f} seeds/s",
        simulated_s_.size(), failed_, median(simulated_s_), median(acknowledged_), median(faults_), starts_,
        seeds * 1'000 / static_cast<double>(std::max<int64_t>(took_ms, 1)));
  }

 private:
  uint64_t failed_ = 0, starts_ = 0;
  std::vector<double> simulated_s_;
  std::vector<uint64_t> acknowledged_;
  std::vector<size_t> faults_;
};

std::string line_of(uint64_t seed, const RunResult& result) {
  return fmt::format(
      "seed {} {} {}: {:.1f} s, {} events, {} faults, {} starts; {} acknowledged, {} read, {} commits; trace "
      "{:016x}",
      seed, name_of(result.profile), result.violations.empty() ? "ok" : "FAILED",
      static_cast<double>(result.simulated_ms) / 1'000, result.events, result.plan.size(), result.starts,
      result.acknowledged, result.polled, result.committed, result.trace_hash);
}

void tell_failure(const RunOptions& options, const RunResult& result, std::ostream& out) {
  for (const std::string& violation : result.violations) out << "  " << violation << '\n';
  const kt::sim::FaultPlan plan = kt::sim::shrink(options, result);
  out << fmt::format("  {} of {} faults are enough:\n", plan.size(), result.plan.size());
  for (const kt::sim::PlannedFault& fault : plan) out << "    " << fault.text() << '\n';
  out << fmt::format("  again: kt sim --seed {} --profile {} --nodes {}\n", options.seed, name_of(result.profile),
                     options.nodes);
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  set_log(options.is_traced ? LogLevel::info : LogLevel::off, false);
  const int64_t begun_ms = environment.clock.monotonic_ms();
  Tally tally;
  for (uint64_t seed = options.first_seed; seed < options.first_seed + options.seeds; ++seed) {
    RunOptions one{.seed = seed, .profile = options.profile, .nodes = options.nodes, .mutants = options.mutants};
    if (options.is_traced) {
      one.sink = [&](int64_t time_ns, std::string_view what, uint64_t a, uint64_t b) {
        streams.out << fmt::format("{:>14.6f} {} {} {}\n", static_cast<double>(time_ns) / 1e9, what, a, b);
      };
    }
    RunResult result = kt::sim::run(one);
    one.sink = {};
    if (options.runs_twice || seed % seeds_between_double_runs == 0) {
      const uint64_t again = kt::sim::run(one).trace_hash;
      if (again != result.trace_hash)
        result.violations.push_back(fmt::format("a second run came to another trace: {:016x}", again));
    }
    tally.add(result);
    streams.out << line_of(seed, result) << std::endl;
    if (!result.violations.empty()) tell_failure(one, result, streams.out);
  }
  streams.out << tally.text(environment.clock.monotonic_ms() - begun_ms) << '\n';
  return tally.failed() == 0 ? Exit::done : Exit::failed;
}

}  // namespace kt::cli::sim
