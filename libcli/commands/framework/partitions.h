#pragma once
#include <cstdint>
#include <functional>
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

/// An offset of each partition, or why there is none to be told.
using PartitionOffsets = std::map<TopicPartition, Result<int64_t>>;

/// Asks one broker about what it leads, by topic. Errors: of all of it.
using AskLeader = std::function<Result<PartitionOffsets>(
    int32_t node, const std::map<std::string, std::vector<int32_t>>& led)>;
/// Asks the leaders; those that are none any more, and partitions whose error passes, again with fresh
/// metadata for default.api.timeout.ms at most [PartitionLeaderStrategy]. Each of `partitions` has an
/// outcome. Errors: what keeps all of them from being answered.
Result<PartitionOffsets> ask_leaders(Session& session, const std::vector<TopicPartition>& partitions,
                                     const AskLeader& ask);

/// What offset a partition has at a time of ListOffsets (-1 the end, -2 the start, ...); -1: none. Errors as
/// ask_leaders.
Result<PartitionOffsets> list_offsets(Session& session, const std::vector<TopicPartition>& partitions,
                                      int64_t timestamp);
/// The same of all of them or none. Errors: also of a partition, which the message names.
Result<std::map<TopicPartition, int64_t>> offsets_of_all(Session& session,
                                                         const std::vector<TopicPartition>& partitions,
                                                         int64_t timestamp);

}  // namespace kt::cli
