#pragma once
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/sim/broker/workload.h"
#include "libbroker/sim/machine.h"

namespace kt::sim {

/// Reads every partition of every topic from the start on, each topic by a consumer of its own, and now and
/// then once more from the start. The first topic's also commits where it is, and asks what is committed.
Program reader_program(std::vector<Endpoint> brokers, Workload& workload);

/// At the end of a run: reads every topic once more from its start to its end, and what the readers' groups
/// committed. `done` is set when it has.
Program final_reader_program(std::vector<Endpoint> brokers, Workload& workload, bool& done);

/// A member of the group that shares the first topic's partitions, and commits what it has read.
Program member_program(std::vector<Endpoint> brokers, Workload& workload);

}  // namespace kt::sim
