#pragma once
#include "libbroker/controller/state.h"
#include "libbroker/wire/45_alter_partition_reassignments.h"
#include "libbroker/wire/46_list_partition_reassignments.h"

namespace kt::controller {

/// Moves partitions to other replicas, or takes a move back (KIP-455, KIP-860). The new replicas join those
/// that are there; change_partition() drops the old ones once the new ones are all in sync, which may be at
/// once.
Decision<wire::AlterPartitionReassignmentsResponse> decide(
    const State& state, const wire::AlterPartitionReassignmentsRequest& request);

/// The moves under way. Writes nothing.
Decision<wire::ListPartitionReassignmentsResponse> decide(
    const State& state, const wire::ListPartitionReassignmentsRequest& request);

}  // namespace kt::controller
