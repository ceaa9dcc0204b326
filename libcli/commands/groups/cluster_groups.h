#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/wire/15_describe_groups.h"
#include "libbroker/wire/16_list_groups.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/groups/options.h"

namespace kt::cli::groups {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// A group as its coordinator tells it.
struct GroupDescription {
  struct Member {
    std::string id, host, client_id;
    std::optional<std::string> instance_id;
    std::vector<TopicPartition> assignment;  // sorted
  };
  std::string id, state, protocol;
  int32_t coordinator_id = -1;
  kt::Endpoint coordinator;
  std::vector<Member> members;
};
struct CommittedOffset {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};

/// Every group of every broker, sorted by id.
Result<std::vector<wire::ListGroupsResponse::ListedGroup>> list_groups(Session& session, const Options& options);
/// Errors: group_id_not_found, "Group x not found."
Result<GroupDescription> describe_group(Session& session, const std::string& group);
Result<std::map<TopicPartition, CommittedOffset>> committed_offsets(Session& session, const std::string& group);
/// Ends (timestamp -1), starts (-2) or offsets by time; partitions that have none are left out.
Result<std::map<TopicPartition, int64_t>> list_offsets(Session& session, const std::vector<TopicPartition>& partitions, int64_t timestamp);
Result<void> commit_offsets(Session& session, const std::string& group, const std::map<TopicPartition, int64_t>& offsets);
/// The broker that coordinates the group; waits while there is none yet.
Result<int32_t> coordinator_of(Session& session, const std::string& group);

}  // namespace kt::cli::groups
