#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/sim/broker/run.h"
#include "libcli/commands/framework/command.h"

namespace kt::cli::sim {

/// What is told instead of running anything.
enum class Listing : uint8_t { none, profiles, mutants };

/// Which seeds are run, and how.
struct Options {
  Setting setting;
  Listing listing = Listing::none;
  uint64_t first_seed = 1;
  uint64_t seeds = 1;
  std::optional<kt::sim::Profile> profile;  // none: by the seed
  std::optional<uint32_t> nodes;            // none: by the profile and the seed
  std::vector<Mutant> hunted;
  std::optional<Mutant> mutant;  // the one that is hunted, if it is one
  uint64_t caught_max = 0;       // each mutant's seeds are run until so many have caught it; 0: all seeds
  size_t jobs = 1;               // processes
  bool is_replayed = false;      // tells what happens
  bool is_traced = false;        // tells every event
  bool runs_twice = false;       // each seed, which must come to the same trace
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::sim
