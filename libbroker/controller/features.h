#pragma once
#include "libbroker/controller/state.h"
#include "libbroker/wire/57_update_features.h"

namespace kt::controller {

/// Finalizes feature levels, all that are named or none (KIP-584, KIP-1022).
Decision<wire::UpdateFeaturesResponse> decide(const State& state, const wire::UpdateFeaturesRequest& request,
                                              const Context& context);

/// What a controller that has just become active writes first: `bootstrap` into an empty log, and what its
/// features need; the end of a metadata transaction that its predecessor left open.
std::vector<metadata::Record> activation_records(const State& state,
                                                 const std::vector<metadata::Record>& bootstrap);

}  // namespace kt::controller
