#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/sim/fault_plan.h"

namespace kt::sim {

/// What goes wrong in a run, and so what is promised.
enum class Profile : uint8_t {
  quiet,  // nothing
  kill,   // processes die, machines do not: nothing acknowledged is lost
  power,  // machines do, under flush.messages=1: likewise
  count
};
std::string_view name_of(Profile profile);
std::optional<Profile> parse_profile(std::string_view name);

struct RunOptions {
  uint64_t seed = 0;
  std::optional<Profile> profile = {};  // none: by the seed
  uint32_t nodes = 1;                   // of the cluster; all vote
  Mutants mutants = {};
  std::optional<FaultPlan> plan = {};  // none: by the seed
  Trace::Sink sink = {};
};

/// What a seed led to.
struct RunResult {
  std::vector<std::string> violations;  // none: what was promised was kept
  Profile profile = Profile::quiet;
  FaultPlan plan;
  uint64_t trace_hash = 0, events = 0;
  int64_t simulated_ms = 0;
  uint64_t starts = 0;  // of brokers, that came to serve
  uint64_t acknowledged = 0, polled = 0, committed = 0;
};

/// One seed: a broker on one machine, or each of several on its own, producers, readers and members of a group
/// on others; a while of faults, then none until everything that was asked is answered and read. The same
/// options are the same run.
RunResult run(const RunOptions& options);

/// The least part of a failed run's plan with which it still fails.
FaultPlan shrink(const RunOptions& options, const RunResult& failed);

}  // namespace kt::sim
