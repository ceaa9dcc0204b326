#pragma once
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/sim/broker/workload.h"
#include "libbroker/sim/machine.h"

namespace kt::sim {

/// Asks again and again what the group has committed in which a reader commits, so that a commit is seen
/// while it is under way.
Program group_asker_program(std::vector<Endpoint> brokers, Workload& workload);

}  // namespace kt::sim
