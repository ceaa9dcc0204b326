#pragma once
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/sim/broker/workload.h"
#include "libbroker/sim/machine.h"

namespace kt::sim {

/// Changes the cluster while others use it: carries out Workload::asked_operations one after the other, and
/// puts min.insync.replicas back when the run settles. A topic of its own it deletes, makes again, fills and
/// reads: that must never show a record of one that had its name before.
Program operator_program(std::vector<Endpoint> brokers, Workload& workload);

}  // namespace kt::sim
