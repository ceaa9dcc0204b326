#pragma once
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/sim/broker/workload.h"
#include "libbroker/sim/machine.h"

namespace kt::sim {

/// An idempotent producer that sends bursts of records to every partition of every topic until the workload
/// is over. Each partition is a process of the history, so that order within it is checked.
Program producer_program(std::vector<Endpoint> brokers, Workload& workload);

/// Creates the topics, then idles.
Program admin_program(std::vector<Endpoint> brokers, Workload& workload);

}  // namespace kt::sim
