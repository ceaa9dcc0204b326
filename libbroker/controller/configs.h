#pragma once
#include "libbroker/controller/state.h"
#include "libbroker/wire/33_alter_configs.h"
#include "libbroker/wire/44_incremental_alter_configs.h"

namespace kt::controller {

/// Changes single values of resources (KIP-339): set, delete, append to and subtract from lists. Each
/// resource changes whole or not at all; they are answered in the order of the request.
Decision<wire::IncrementalAlterConfigsResponse> decide(const State& state,
                                                       const wire::IncrementalAlterConfigsRequest& request);
/// Replaces the configuration of resources (KIP-133).
Decision<wire::AlterConfigsResponse> decide(const State& state, const wire::AlterConfigsRequest& request);

/// What has to change before replicas become eligible to lead outside of the ISR (KIP-966): the least ISR is
/// the cluster's, or a topic's, and no broker's own.
std::vector<metadata::Record> records_for_eligible_leaders(const State& state);

}  // namespace kt::controller
