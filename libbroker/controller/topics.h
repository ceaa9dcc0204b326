#pragma once
#include "libbroker/base/rng.h"
#include "libbroker/controller/state.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/37_create_partitions.h"

namespace kt::controller {

struct UsableBroker;

/// More in one request would not fit into one batch of the log.
inline constexpr int64_t partitions_per_request_max = 10'000;

/// Topics are answered in the order of the request, names given twice after them. `rng` gives ids and
/// placement.
Decision<wire::CreateTopicsResponse> decide(const State& state, const wire::CreateTopicsRequest& request,
                                            Rng& rng);
Decision<wire::DeleteTopicsResponse> decide(const State& state, const wire::DeleteTopicsRequest& request,
                                            const Context& context);
Decision<wire::CreatePartitionsResponse> decide(const State& state,
                                                const wire::CreatePartitionsRequest& request, Rng& rng);

/// Brokers registered, less those that are shutting down.
std::vector<UsableBroker> usable_brokers(const State& state);
/// Replicas that an operator lists: some, each once, all registered, and as many as other partitions have.
/// Errors: invalid_replica_assignment with Kafka's sentence.
Result<void> check_manual_replicas(const State& state, const std::vector<int32_t>& replicas,
                                   std::optional<size_t> replication_factor);

}  // namespace kt::controller
