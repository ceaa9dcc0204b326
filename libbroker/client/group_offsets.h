#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "libbroker/base/topic_partition.h"
#include "libbroker/client/coordinator.h"
#include "libbroker/consuming/positions.h"

namespace kt::client {

/// Who commits: a member of a generation, or nobody in particular (manual assignment).
struct Committer {
  int32_t generation_id = -1;
  std::string member_id = {};
  std::optional<std::string> instance_id = {};
};

using Offsets = std::map<TopicPartition, consuming::OffsetAndEpoch>;

/// Stores offsets of a group. Retries for `retry_ms` at most. Errors: those of the group (illegal_generation,
/// rebalance_in_progress ...), or the first of a partition.
void commit_offsets(Coordinator& coordinator, const Committer& by, const Offsets& offsets, int64_t retry_ms,
                    Then<void> then);

/// The committed offsets of these partitions (nullopt: of all that the group has); those without one are left
/// out.
void fetch_offsets(Coordinator& coordinator, const std::optional<std::set<TopicPartition>>& of,
                   bool requires_stable, int64_t retry_ms, Then<Offsets> then);

}  // namespace kt::client
