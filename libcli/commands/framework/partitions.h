#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libbroker/base/topic_partition.h"
#include "libcli/commands/framework/session.h"

namespace kt::cli {

/// Partitions by the broker that leads them, and those that nobody can be asked about.
struct PartitionsByLeader {
  std::map<int32_t, std::map<std::string, std::vector<int32_t>>> led;  // broker id, topic
  std::map<TopicPartition, Error> leaderless;
};

/// Asks the cluster who leads. Errors: the cluster's; of a single partition: unknown_topic_or_partition,
/// leader_not_available.
Result<PartitionsByLeader> find_leaders(Session& session, const std::vector<TopicPartition>& partitions);

/// What offset a partition has at a time of ListOffsets (-1 the end, -2 the start, ...); -1: none.
using PartitionOffsets = std::map<TopicPartition, Result<int64_t>>;
/// Errors: only what keeps all of them from being answered.
Result<PartitionOffsets> list_offsets(Session& session, const std::vector<TopicPartition>& partitions,
                                      int64_t timestamp);
/// Those that there are; partitions that have none, or whose leader does not tell, are left out.
Result<std::map<TopicPartition, int64_t>> known_offsets(Session& session,
                                                        const std::vector<TopicPartition>& partitions,
                                                        int64_t timestamp);

}  // namespace kt::cli
