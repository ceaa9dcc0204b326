#include "libcli/commands/sim/options.h"

#include <string>

#include "libcli/commands/argv/rules.h"

namespace kt::cli::sim {
namespace {

constexpr int64_t nodes_max = 9;

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
     .help = "quiet: nothing goes wrong; kill: processes die; power: machines do, under flush.messages=1. By "
             "the seed if not given"},
    {.name = "nodes",
     .value = Value::long_integer,
     .value_name = "number",
     .default_value = "1",
     .help = "Of how many brokers the cluster is"},
    {.name = "mutant",
     .value = Value::text,
     .value_name = "name",
     .help = "Switch on a known bug, which some seed must find"},
    {.name = "twice", .help = "Run each seed twice and compare the traces (as is done with every hundredth)"},
    {.name = "trace", .help = "Tell every event of a run: what, when, where"},
};

constexpr Example examples[] = {
    {"kt sim --seed 7", "Run a broker through the crashes of seed 7"},
    {"kt sim --seeds 2 --profile power", "Take the power away from a broker under flush.messages=1"},
    {"kt sim --seed 3 --nodes 3", "Run three brokers that elect a controller"},
};

}  // namespace

constinit const Syntax syntax{
    .name = "sim",
    .family = Family::argparse,
    .summary = "Run a broker and its clients in a simulated world of crashes, by seed",
    .grammar = {.options = specs},
    .examples = examples,
    .runs_bare = true};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  Options options{.setting = call.setting, .is_traced = given.has("trace"), .runs_twice = given.has("twice")};
  const int64_t first_seed = *given.long_integer("seed"), seeds = *given.long_integer("seeds"),
                nodes = *given.long_integer("nodes");
  const auto profile = given.text("profile"), mutant = given.text("mutant");
  if (profile) options.profile = kt::sim::parse_profile(*profile);
  const auto known_mutant = mutant ? parse_mutant(*mutant) : std::nullopt;
  if (known_mutant) options.mutants = Mutants(*known_mutant);
  std::string names;
  for (const std::string_view name : mutant_names) names += " " + std::string(name);
  Rules rules(given);
  rules.that(first_seed >= 0, "--seed is 0 or more")
      .that(seeds > 0, "--seeds is 1 or more")
      .that(nodes >= 1 && nodes <= nodes_max, "--nodes is 1 to 9")
      .that(!profile || options.profile, "--profile is quiet, kill or power, not " + profile.value_or(""))
      .that(!mutant || known_mutant, "--mutant is one of" + names);
  if (rules.broken()) return std::unexpected(*rules.broken());
  options.first_seed = static_cast<uint64_t>(first_seed);
  options.seeds = static_cast<uint64_t>(seeds);
  options.nodes = static_cast<uint32_t>(nodes);
  return options;
}

}  // namespace kt::cli::sim
