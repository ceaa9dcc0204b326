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

}  // namespace kt::controller
