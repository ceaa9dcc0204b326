#include "libbroker/node/quorum_description.h"

#include "libbroker/node/quorum_messages.h"

namespace kt::node {
namespace {

using Response = wire::DescribeQuorumResponse;

std::vector<Response::ReplicaState> states(const std::vector<raft::ReplicaProgress>& replicas, Clock& clock) {
  const int64_t to_wall_ms = clock.wall_ms() - clock.monotonic_ms();
  const auto wall = [&](int64_t ms) { return ms < 0 ? -1 : ms + to_wall_ms; };
  std::vector<Response::ReplicaState> told;
  for (const auto& replica : replicas) {
    told.push_back({replica.key.id, replica.key.directory_id, replica.end_offset, wall(replica.last_fetch_ms), wall(replica.last_caught_up_ms)});
  }
  return told;
}

Response::PartitionData describe(const raft::Raft& raft, int32_t index, bool is_metadata, Clock& clock) {
  Response::PartitionData told;
  told.partition_index = index;
  told.error_message.reset();
  const auto described = raft.describe(clock.monotonic_ms());
  if (!is_metadata || index != 0 || !described) {
    told.error_code = is_metadata && index == 0 ? described.error().code : ErrorCode::unknown_topic_or_partition;
    return told;
  }
  told.leader_id = described->leader_id;
  told.leader_epoch = described->epoch;
  told.high_watermark = described->high_watermark;
  told.current_voters = states(described->voters, clock);
  told.observers = states(described->observers, clock);
  return told;
}

}  // namespace

Response describe_quorum(const raft::Raft& raft, const wire::DescribeQuorumRequest& request, Clock& clock) {
  Response response;
  response.error_message.reset();
  for (const auto& topic : request.topics) {
    auto& told = response.topics.emplace_back();
    told.topic_name = topic.topic_name;
    for (const auto& partition : topic.partitions) {
      told.partitions.push_back(describe(raft, partition.partition_index, topic.topic_name == metadata_topic, clock));
    }
  }
  for (const auto& voter : raft.voters().voters().all()) {
    auto& node = response.nodes.emplace_back();
    node.node_id = voter.key.id;
    for (const auto& at : voter.endpoints) node.listeners.push_back({at.name, at.host, at.port});
  }
  return response;
}

}  // namespace kt::node
