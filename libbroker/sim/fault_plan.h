#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/sim/partition_shapes.h"
#include "libbroker/sim/world.h"

namespace kt::sim {

enum class Fault : uint8_t {
  kill,                // one process, restarted later
  power_off,           // one machine
  power_off_all,       // all of them at once
  pause,               // one process (SIGSTOP)
  partition,           // in some shape
  clog,                // links stop one by one, and open again in another order
  clock_jump,          // one wall clock, either way
  rot,                 // one bit of one file of one machine
  terminate,           // one process is asked to end (SIGTERM), and restarted later
  kill_at_write,       // one process, in the middle of what it does to its disk
  power_off_at_write,  // likewise
  kill_at_start,       // one process, and again while it starts
  power_off_at_start,  // likewise
  kill_all,            // all processes at once
  slow,                // one machine's links are slow and lossy, in both directions or in one
  disk_full,           // one machine's disk
  disk_error,          // some of what one machine asks of its disk fails
  flush_error,         // one flush of one machine fails, and lies from then on
  wipe,                // one machine comes back with an empty disk
  operation,           // nothing breaks: who runs the cluster changes it
  power_off_at_stop,   // one machine, while its process does what it was asked to do before it ends
  cut_off,             // one machine from its peers alone, in both directions or in one
  count
};
std::string_view name_of(Fault fault);

/// One thing that goes wrong, and for how long. Whatever else it needs to choose, it draws from its own seed,
/// so that leaving others out of a plan does not change it.
struct PlannedFault {
  Fault fault = Fault::kill;
  int64_t at_ms = 0, for_ms = 0;
  uint32_t victim = 0;
  PartitionShape shape = PartitionShape::isolate_one;
  std::string_view operation = {};  // one of FaultOptions::operations
  uint32_t peers = 0;               // FaultOptions::peers
  std::string_view files = {};      // one of FaultOptions::files, or any
  uint64_t seed = 0;
  bool operator==(const PlannedFault&) const = default;
  std::string text() const;
};
using FaultPlan = std::vector<PlannedFault>;

/// What a plan may hold.
struct FaultOptions {
  std::vector<uint32_t> machines;                 // that may suffer
  std::vector<uint32_t> disks = {};               // of those whose disks may; none: any
  std::vector<Fault> faults;                      // of these
  std::vector<std::string_view> operations = {};  // literals
  std::vector<std::string_view> files = {};       // likewise: parts of the names of those that change seldom
  uint32_t peers = 0;                             // so many of the world's machines, the first, are peers
  int64_t period_ms_mean = 2'000, duration_ms_mean = 1'000;
  size_t down_max = 1;  // machines killed, paused or without power at once; power_off_all does not count
};

/// Faults from now until `until_ms` of the world's time; one period in four is quiet, or nothing would ever
/// get done.
FaultPlan plan_faults(Rng& rng, const FaultOptions& options, int64_t until_ms);

/// What a plan needs of whoever knows what runs in the world.
struct PlanHooks {
  /// Asked when a fault's time has come.
  std::function<bool(const PlannedFault&)> may_strike = [](const PlannedFault&) { return true; };
  std::function<void(const PlannedFault&)> struck = [](const PlannedFault&) {};
  /// Carries out a Fault::operation.
  std::function<void(const PlannedFault&)> operate = [](const PlannedFault&) {};
};
/// Makes the plan's faults happen, counted from now. World::heal() ends those that are under way.
void schedule(World& world, const FaultPlan& plan, PlanHooks hooks = {});

/// The least part of a failing plan that still fails, leaving out any one fault of it (delta debugging).
FaultPlan shrink(FaultPlan plan, const std::function<bool(const FaultPlan&)>& still_fails);

/// A world drawn for a seed: each kind of trouble is absent, rare or frequent, so that seeds differ in kind
/// and not only in detail (swarm testing).
WorldOptions draw_world(Rng& rng);
/// Some of the faults, for these machines.
FaultOptions draw_faults(Rng& rng, std::vector<uint32_t> machines);

}  // namespace kt::sim
