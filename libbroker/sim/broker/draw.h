#pragma once
#include <string>
#include <vector>

#include "libbroker/sim/broker/profile.h"
#include "libbroker/sim/broker/workload.h"
#include "libbroker/sim/world.h"

namespace kt::sim {

/// What a seed draws besides its faults: the world, how hard the clients work, and how brokers are
/// configured.
WorldOptions draw_options(Profile profile, Rng& rng);
WorkloadOptions draw_workload(const NetFaults& net, Rng& rng);
std::vector<WorkloadTopic> draw_topics(const WorkloadOptions& workload, Rng& rng);
/// What all brokers have in common; of one alone, or of so many replicas.
metadata::ConfigMap draw_properties(Profile profile, const WorldOptions& world, uint32_t replicas, Rng& rng);

}  // namespace kt::sim
