#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "libbroker/controller/state.h"
#include "libbroker/wire/62_broker_registration.h"
#include "libbroker/wire/63_broker_heartbeat.h"
#include "libbroker/wire/64_unregister_broker.h"
#include "libbroker/wire/67_allocate_producer_ids.h"
#include "libbroker/wire/70_controller_registration.h"

namespace kt::controller {

/// A broker is registered fenced. It is unfenced when it asks and has applied the log up to its registration;
/// it is fenced when it asks, when its session times out, or when it stops; a broker that stops first gives
/// up its leaderships, and may go once all others have seen that.
enum class BrokerState { fenced, unfenced, controlled_shutdown, shutdown_now };

Decision<wire::BrokerRegistrationResponse> decide(const State& state,
                                                  const wire::BrokerRegistrationRequest& request,
                                                  const Context& context);

/// As decide(), with the state that the broker enters.
struct HeartbeatDecision : Decision<wire::BrokerHeartbeatResponse> {
  BrokerState next = BrokerState::fenced;
};
HeartbeatDecision decide(const State& state, const wire::BrokerHeartbeatRequest& request);

Decision<wire::UnregisterBrokerResponse> decide(const State& state,
                                                const wire::UnregisterBrokerRequest& request);
Decision<wire::ControllerRegistrationResponse> decide(const State& state,
                                                      const wire::ControllerRegistrationRequest& request);
Decision<wire::AllocateProducerIdsResponse> decide(const State& state,
                                                   const wire::AllocateProducerIdsRequest& request);

/// An unfenced broker whose session has timed out.
std::optional<int32_t> find_stale_broker(const State& state, int64_t now_ms);
/// Out of all ISRs, leaderships moved, then fenced.
std::vector<metadata::Record> fence_broker(const State& state, int32_t broker_id);

}  // namespace kt::controller
