#pragma once
#include <cstdint>
#include <expected>
#include <optional>

#include "libbroker/base/mutants.h"
#include "libbroker/sim/broker/run.h"
#include "libcli/commands/framework/command.h"

namespace kt::cli::sim {

/// Which seeds are run, and how.
struct Options {
  Setting setting;
  uint64_t first_seed = 1;
  uint64_t seeds = 1;
  std::optional<kt::sim::Profile> profile;  // none: by the seed
  uint32_t nodes = 1;
  Mutants mutants;
  bool is_traced = false;   // tells every event
  bool runs_twice = false;  // each seed, which must come to the same trace
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::sim
