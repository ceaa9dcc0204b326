#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/topic_partition.h"
#include "libbroker/wire/15_describe_groups.h"
#include "libbroker/wire/16_list_groups.h"
#include "libbroker/wire/47_offset_delete.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/groups/options.h"

namespace kt::cli::groups {

/// A group as its coordinator tells it.
struct GroupDescription {
  struct Member {
    std::string id, host, client_id;
    std::optional<std::string> instance_id;
    std::vector<TopicPartition> assignment;  // sorted
    std::vector<TopicPartition> target = {};
    std::optional<int32_t> epoch = {}, target_epoch = {};  // of groups of KIP-848 alone
  };
  std::string id, state, protocol;
  int32_t coordinator_id = -1;
  kt::Endpoint coordinator;
  std::vector<Member> members;                               // those with the most partitions first
  std::optional<int32_t> epoch = {}, assignment_epoch = {};  // of groups of KIP-848 alone
};
struct CommittedOffset {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};

/// Every consumer group of every broker that fits the options' states and types, sorted by id.
Result<std::vector<wire::ListGroupsResponse::ListedGroup>> list_groups(Session& session,
                                                                       const Options& options);
/// Errors: group_id_not_found, "Group x not found."
Result<GroupDescription> describe_group(Session& session, const std::string& group);
Result<std::map<TopicPartition, CommittedOffset>> committed_offsets(Session& session,
                                                                    const std::string& group);
Result<void> commit_offsets(Session& session, const std::string& group,
                            const std::map<TopicPartition, int64_t>& offsets);
/// What the coordinator says of it, once it is there. Errors: it cannot be asked.
Result<ErrorCode> delete_group(Session& session, const std::string& group);
Result<wire::OffsetDeleteResponse> delete_offsets(Session& session, const wire::OffsetDeleteRequest& request);
/// The broker that coordinates the group; waits while there is none yet.
Result<int32_t> coordinator_of(Session& session, const std::string& group);

}  // namespace kt::cli::groups
