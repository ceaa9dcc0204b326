#include "libcli/commands/lab/quorum.h"

#include "libbroker/wire/55_describe_quorum.h"

namespace kt::cli::lab {

Result<int32_t> quorum_leader(Session& session) {
  wire::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
  const auto answer = session.ask<wire::DescribeQuorumResponse>(client::Target::any(), std::move(request));
  if (!answer) return fail(answer.error());
  const bool is_told = !answer->topics.empty() && !answer->topics[0].partitions.empty();
  const int32_t leader = is_told ? answer->topics[0].partitions[0].leader_id : -1;
  if (leader >= 0) return leader;
  return fail(ErrorCode::leader_not_available, "no controller is active");
}

}  // namespace kt::cli::lab
