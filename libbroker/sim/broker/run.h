#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/sim/broker/profile.h"
#include "libbroker/sim/fault_plan.h"

namespace kt::sim {

struct RunOptions {
  uint64_t seed = 0;
  std::optional<Profile> profile = {};  // none: by the seed
  std::optional<uint32_t> nodes = {};   // of the cluster; none: by profile and seed
  Mutants mutants = {};
  std::optional<FaultPlan> plan = {};  // none: by the seed
  Trace::Sink sink = {};
  /// Told what happens, as a person would say it. Listening changes nothing.
  std::function<void(int64_t time_ns, std::string)> tell = {};
};

/// What a seed led to.
struct RunResult {
  std::vector<std::string> violations;  // none: what was promised was kept
  Profile profile = Profile::quiet;
  uint32_t nodes = 0;
  FaultPlan plan;
  uint64_t faults = 0;  // of the plan, that struck
  uint64_t trace_hash = 0, events = 0;
  int64_t simulated_ms = 0;
  uint64_t starts = 0;  // of brokers, that came to serve
  uint64_t acknowledged = 0, polled = 0, committed = 0;
  uint64_t leader_changes = 0;  // of partitions
  uint64_t elections = 0;       // of controllers
};

/// One seed: a broker on one machine, or each of several on its own, producers, readers and members of a
/// group on others. Once something is acknowledged, a while of faults; then none, until all replicas are in
/// sync, every client has got on, everything that was asked is answered and read, and all replicas hold the
/// same. The same options are the same run.
RunResult run(const RunOptions& options);

/// The least part of a failed run's plan with which it still fails.
FaultPlan shrink(const RunOptions& options, const RunResult& failed);

}  // namespace kt::sim
