#include "libcli/commands/sim/options.h"

#include <fmt/core.h>

#include <string>

#include "libbroker/metadata/java_text.h"
#include "libcli/commands/argv/rules.h"

namespace kt::cli::sim {
namespace {

constexpr int64_t nodes_max = 9, jobs_max = 256;
constexpr std::string_view all_mutants = "all";

constexpr OptionSpec specs[] = {
    {.name = "seed",
     .letter = 's',
     .value = Value::long_integer,
     .value_name = "seed",
     .default_value = "1",
     .help = "The first seed: the same seed is the same run"},
    {.name = "seeds",
     .letter = 'n',
     .value = Value::long_integer,
     .value_name = "number",
     .default_value = "1",
     .help = "How many seeds"},
    {.name = "profile",
     .value = Value::text,
     .value_name = "profile",
     .help = "What may go wrong, see --list-profiles; by the seed if not given"},
    {.name = "nodes",
     .value = Value::long_integer,
     .value_name = "number",
     .help = "Of how many brokers the cluster is; by the profile and the seed if not given"},
    {.name = "jobs",
     .letter = 'j',
     .value = Value::long_integer,
     .value_name = "number",
     .default_value = "1",
     .help = "Run so many seeds at a time"},
    {.name = "mutant",
     .value = Value::text,
     .value_name = "name",
     .help =
         "Switch on a known bug, which some seed must find; with --caught also several, with commas, or all"},
    {.name = "caught",
     .value = Value::long_integer,
     .value_name = "number",
     .help = "Run each mutant's seeds until so many have found it, and print a table"},
    {.name = "list-profiles", .help = "Tell what may go wrong, and end"},
    {.name = "list-mutants", .help = "Tell which bugs are known, and end"},
    {.name = "replay", .help = "Tell what happens in a run"},
    {.name = "twice", .help = "Run each seed twice and compare the traces (as is done with every hundredth)"},
    {.name = "trace", .help = "Tell every event of a run: what, when, where"},
};

constexpr Example examples[] = {
    {"kt sim --seed 7 --replay", "Tell what happens to a cluster in seed 7"},
    {"kt sim --seeds 2 --profile power", "Take the power away from brokers under flush.messages=1"},
    {"kt sim --seeds 20 --mutant partition-commits-alone,partition-cuts-at-high-watermark --caught 1",
     "See whether known bugs are found"},
};

/// What --mutant names; all: those of kt, not those of the simulator's own tests.
std::vector<std::string> mutants_named(const std::string& value) {
  constexpr std::string_view toy = "sim-";
  if (value != all_mutants) return metadata::java::split_list(value);
  std::vector<std::string> names;
  for (const std::string_view name : mutant_names) {
    if (!name.starts_with(toy)) names.emplace_back(name);
  }
  return names;
}

std::string names_of(const auto& all, const auto& name) {
  std::string names;
  for (const auto& one : all) names += fmt::format("{}{}", names.empty() ? "" : ", ", name(one));
  return names;
}

}  // namespace

constinit const Syntax syntax{
    .name = "sim",
    .family = Family::argparse,
    .summary = "Run brokers and their clients in a simulated world of failures, by seed",
    .grammar = {.options = specs},
    .examples = examples,
    .outputs = "table ndjson",
    .runs_bare = true};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  Options options{.setting = call.setting,
                  .is_replayed = given.has("replay"),
                  .is_traced = given.has("trace"),
                  .runs_twice = given.has("twice")};
  if (given.has("list-profiles")) options.listing = Listing::profiles;
  if (given.has("list-mutants")) options.listing = Listing::mutants;
  const int64_t first_seed = *given.long_integer("seed"), seeds = *given.long_integer("seeds"),
                jobs = *given.long_integer("jobs");
  const auto nodes = given.long_integer("nodes");
  const auto profile = given.text("profile"), mutant = given.text("mutant");
  if (profile) options.profile = kt::sim::parse_profile(*profile);
  std::string unknown_mutant;
  for (const std::string& name : mutants_named(mutant.value_or(""))) {
    if (const auto known = parse_mutant(name))
      options.hunted.push_back(*known);
    else if (unknown_mutant.empty())
      unknown_mutant = name;
  }
  if (options.hunted.size() == 1) options.mutant = options.hunted.front();
  const auto caught_max = given.long_integer("caught");
  options.caught_max = static_cast<uint64_t>(caught_max.value_or(0));
  const int64_t nodes_min = options.profile ? kt::sim::nodes_min(*options.profile) : 1;
  const std::string profiles =
      names_of(kt::sim::profile_texts(), [](const kt::sim::ProfileText& text) { return text.name; });
  Rules rules(given);
  rules.that(first_seed >= 0, "--seed is 0 or more")
      .that(seeds > 0, "--seeds is 1 or more")
      .that(jobs > 0 && jobs <= jobs_max, fmt::format("--jobs is 1 to {}", jobs_max))
      .that(!nodes || (*nodes >= 1 && *nodes <= nodes_max), fmt::format("--nodes is 1 to {}", nodes_max))
      .that(!profile || options.profile,
            fmt::format("--profile is one of {}, not {}", profiles, profile.value_or("")))
      .that(!nodes || *nodes >= nodes_min,
            fmt::format("--profile {} wants {} nodes or more", profile.value_or(""), nodes_min))
      .that(!nodes || options.profile, "--nodes goes with --profile")
      .that(!mutant || (unknown_mutant.empty() && !options.hunted.empty()),
            fmt::format("no mutant is called \"{}\", see --list-mutants", unknown_mutant))
      .that(!caught_max || *caught_max > 0, "--caught is 1 or more")
      .that(!caught_max || mutant, "--caught goes with --mutant")
      .that(caught_max || options.hunted.size() <= 1, "several mutants go with --caught")
      .that((seeds == 1 && !caught_max) || !(options.is_replayed || options.is_traced),
            "--replay and --trace tell of one seed");
  if (rules.broken()) return std::unexpected(*rules.broken());
  options.first_seed = static_cast<uint64_t>(first_seed);
  options.seeds = static_cast<uint64_t>(seeds);
  options.jobs = static_cast<size_t>(jobs);
  if (nodes) options.nodes = static_cast<uint32_t>(*nodes);
  return options;
}

}  // namespace kt::cli::sim
