#pragma once
#include <functional>
#include <vector>

#include "libbroker/controller/partition_change.h"
#include "libbroker/controller/state.h"
#include "libbroker/metadata/image_builder.h"
#include "libbroker/wire/43_elect_leaders.h"
#include "libbroker/wire/56_alter_partition.h"
#include "libbroker/wire/73_assign_replicas_to_dirs.h"

namespace kt::controller {

/// The rules that hold for a partition now. `acceptable` says who may lead, directories apart; none: who is
/// active. Borrows the state and the partition.
ElectionRules rules_for(const State& state, const metadata::Topic& topic,
                        const metadata::Partition& partition,
                        const std::function<bool(int32_t)>& acceptable = {});

/// A leader's wish to change the ISR of its partitions (KIP-497, semantics E8).
Decision<wire::AlterPartitionResponse> decide(const State& state, const wire::AlterPartitionRequest& request,
                                              const Context& context);
/// An operator's wish for preferred, or unclean, leaders (KIP-460).
Decision<wire::ElectLeadersResponse> decide(const State& state, const wire::ElectLeadersRequest& request);
/// A broker's word on which directory holds a replica (KIP-858).
Decision<wire::AssignReplicasToDirsResponse> decide(const State& state,
                                                    const wire::AssignReplicasToDirsRequest& request);

inline constexpr size_t elections_per_round_max = 1000;
/// Preferred leaders for partitions led by another replica; at most elections_per_round_max records.
std::vector<metadata::Record> balance_leaders(const State& state);
/// Leaders for partitions that have none and whose topic allows unclean elections; as many.
std::vector<metadata::Record> elect_unclean_leaders(const State& state);

/// Which broker comes, goes, or may have lost records; -1: none does.
struct BrokerChange {
  int32_t leaves = metadata::no_leader;
  int32_t may_now_lead = metadata::no_leader;
  int32_t unclean_shutdown = metadata::no_leader;
};
/// Appends what follows from it for the partitions that `concerns`.
void update_leaders_and_isrs(const State& state, const BrokerChange& change,
                             const std::function<bool(const metadata::Partition&)>& concerns,
                             std::vector<metadata::Record>& records);

}  // namespace kt::controller
