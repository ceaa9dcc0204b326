#pragma once
#include "libbroker/sim/history/anomaly.h"
#include "libbroker/sim/history/version_order.h"

namespace kt::sim {

// The parts of check(), by what they look at.

/// What a log holds: inconsistent-offsets, duplicate, lost-write, unseen.
void check_logs(const Knowledge& known, const Promises& promises, Report& report);
/// What single polls return: phantom, G1a, precommitted-read, and their order: int-poll-skip,
/// int-nonmonotonic-poll.
void check_polls(const Knowledge& known, const Promises& promises, Report& report);
/// What a process's polls return one after the other: poll-skip, nonmonotonic-poll, consume-count.
void check_consumers(const Knowledge& known, const Promises& promises, Report& report);
/// Where a process's sends went: nonmonotonic-send, int-nonmonotonic-send, int-send-skip.
void check_producers(const Knowledge& known, Report& report);
/// Which transactions depend on each other: G0, G1c.
void check_cycles(const Knowledge& known, const Promises& promises, Report& report);
/// Positions of groups: offset-regress.
void check_commits(const Knowledge& known, Report& report);
/// What is left of a compacted log: compaction-loss.
void check_compaction(const Knowledge& known, Report& report);

}  // namespace kt::sim
