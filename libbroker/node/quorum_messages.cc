#include "libbroker/node/quorum_messages.h"

#include <algorithm>

#include "libbroker/node/metadata_snapshot.h"
#include "libbroker/record/batch.h"

namespace kt::node {
namespace {

constexpr int32_t fetch_bytes_max = 8
                                    << 20;  // of records in an answer [KafkaRaftClient.MAX_FETCH_SIZE_BYTES]
constexpr int32_t snapshot_part_bytes_max = 1 << 20;

/// The only partition of the only topic, if that is the metadata's; null otherwise.
template <class Topics>
auto* only_partition(Topics& topics) {
  const bool is_one = topics.size() == 1 && topics[0].partitions.size() == 1;
  decltype(&topics[0].partitions[0]) none = nullptr;
  return is_one ? &topics[0].partitions[0] : none;
}

template <class M>
auto* partition_of(M& message) {
  auto* const partition = only_partition(message.topics);
  const bool is_metadata = partition && message.topics[0].topic_name == metadata_topic &&
                           partition->partition_index == metadata_partition;
  return is_metadata ? partition : nullptr;
}

template <class M>
auto& add_partition(M& message) {
  auto& topic = message.topics.emplace_back();
  topic.topic_name = metadata_topic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = metadata_partition;
  return partition;
}

template <class Wire>
std::vector<Wire> endpoints_to_wire(const std::vector<raft::Endpoint>& endpoints) {
  std::vector<Wire> out;
  for (const raft::Endpoint& at : endpoints) out.push_back({at.name, at.host, at.port});
  return out;
}

template <class Wire>
std::vector<raft::Endpoint> endpoints_from_wire(const std::vector<Wire>& endpoints) {
  std::vector<raft::Endpoint> in;
  for (const Wire& at : endpoints) in.push_back({at.name, at.host, at.port});
  return in;
}

/// Another cluster's request is refused as a whole; what else is wrong is the partition's.
ErrorCode whole_error(ErrorCode error) {
  return error == ErrorCode::inconsistent_cluster_id ? error : ErrorCode::none;
}

template <class M>
void add_leader_endpoint(M& message, const raft::ReplyHead& head) {
  if (head.leader_id < 0 || head.leader_endpoints.empty()) return;
  const raft::Endpoint& at = head.leader_endpoints.front();
  auto& node = message.node_endpoints.emplace_back();
  node.node_id = head.leader_id;
  node.host = at.host;
  node.port = at.port;
}

template <class M>
auto& add_answer(M& message, const raft::ReplyHead& head) {
  auto& partition = add_partition(message);
  partition.error_code = head.error;
  partition.leader_id = head.leader_id;
  partition.leader_epoch = head.epoch;
  add_leader_endpoint(message, head);
  return partition;
}

template <class M>
raft::ReplyHead head_of(const M& message, ErrorCode error, int32_t leader_id, int32_t epoch) {
  raft::ReplyHead head{.error = message.error_code != ErrorCode::none ? message.error_code : error,
                       .epoch = epoch,
                       .leader_id = leader_id};
  for (const auto& node : message.node_endpoints)
    if (node.node_id == leader_id)
      head.leader_endpoints.push_back({"", node.host, static_cast<uint16_t>(node.port)});
  return head;
}

/// Of an answer whose partition says who leads. None: there is no such partition, and no error either.
template <class M>
std::optional<raft::ReplyHead> head_of(const M& message) {
  if (const auto* partition = partition_of(message))
    return head_of(message, partition->error_code, partition->leader_id, partition->leader_epoch);
  if (message.error_code == ErrorCode::none) return std::nullopt;
  return raft::ReplyHead{.error = message.error_code};
}

/// Whole batches with their sums right; none where anything else is among them, but for a last one that is
/// cut off.
std::optional<std::vector<raft::ReceivedBatch>> batches_of(const Slice& records) {
  std::vector<raft::ReceivedBatch> batches;
  for (Slice rest = records; rest.size() > 0;) {
    const auto batch = record::BatchView::parse(rest.bytes);
    if (!batch && batch.error().kind == record::BatchFault::Kind::incomplete) return batches;
    if (!batch || !batch->verify_crc() || batch->codec() != record::Codec::none) return std::nullopt;
    auto& received =
        batches.emplace_back(raft::ReceivedBatch{batch->partition_leader_epoch(), batch->base_offset(),
                                                 batch->last_offset(), rest.sub(0, batch->size_bytes())});
    if (batch->is_control()) {
      MetadataBatch control;
      read_metadata_batch(*batch, control);
      received.kraft_version = control.kraft_version;
      received.voters = std::move(control.voters);
    }
    rest = rest.sub(batch->size_bytes());
  }
  return batches;
}

}  // namespace

wire::VoteRequest to_wire(const raft::VoteRequest& request) {
  wire::VoteRequest out{.cluster_id = request.cluster_id, .voter_id = request.to.id};
  auto& partition = add_partition(out);
  partition.replica_epoch = request.epoch;
  partition.replica_id = request.from.id;
  partition.replica_directory_id = request.from.directory_id;
  partition.voter_directory_id = request.to.directory_id;
  partition.last_offset_epoch = request.log_end.epoch;
  partition.last_offset = request.log_end.offset;
  partition.pre_vote = request.pre_vote;
  return out;
}

wire::BeginQuorumEpochRequest to_wire(const raft::BeginEpochRequest& request) {
  using Request = wire::BeginQuorumEpochRequest;
  Request out{.cluster_id = request.cluster_id, .voter_id = request.to.id};
  auto& partition = add_partition(out);
  partition.voter_directory_id = request.to.directory_id;
  partition.leader_id = request.leader_id;
  partition.leader_epoch = request.epoch;
  out.leader_endpoints = endpoints_to_wire<Request::LeaderEndpoint>(request.leader_endpoints);
  return out;
}

wire::EndQuorumEpochRequest to_wire(const raft::EndEpochRequest& request) {
  using Request = wire::EndQuorumEpochRequest;
  Request out{.cluster_id = request.cluster_id};
  auto& partition = add_partition(out);
  partition.leader_id = request.leader_id;
  partition.leader_epoch = request.epoch;
  for (const raft::ReplicaKey& successor : request.successors) {
    partition.preferred_successors.push_back(successor.id);
    partition.preferred_candidates.push_back({successor.id, successor.directory_id});
  }
  out.leader_endpoints = endpoints_to_wire<Request::LeaderEndpoint>(request.leader_endpoints);
  return out;
}

wire::FetchRequest to_wire(const raft::FetchRequest& request) {
  wire::FetchRequest out{.cluster_id = request.cluster_id,
                         .replica_state = {.replica_id = request.from.id},
                         .max_wait_ms = request.max_wait_ms,
                         .max_bytes = fetch_bytes_max};
  auto& topic = out.topics.emplace_back(
      wire::FetchRequest::FetchTopic{.topic = metadata_topic, .topic_id = metadata_topic_id});
  topic.partitions.push_back({.partition = metadata_partition,
                              .current_leader_epoch = request.leader_epoch,
                              .fetch_offset = request.position.offset,
                              .last_fetched_epoch = request.position.epoch,
                              .replica_directory_id = request.from.directory_id,
                              .high_watermark = request.high_watermark});
  return out;
}

wire::FetchSnapshotRequest to_wire(const raft::FetchSnapshotRequest& request) {
  wire::FetchSnapshotRequest out{
      .cluster_id = request.cluster_id, .replica_id = request.from.id, .max_bytes = snapshot_part_bytes_max};
  auto& topic = out.topics.emplace_back(wire::FetchSnapshotRequest::TopicSnapshot{.name = metadata_topic});
  topic.partitions.push_back({.partition = metadata_partition,
                              .current_leader_epoch = request.leader_epoch,
                              .snapshot_id = {request.snapshot.offset, request.snapshot.epoch},
                              .position = request.position,
                              .replica_directory_id = request.from.directory_id});
  return out;
}

std::optional<raft::VoteRequest> from_wire(const wire::VoteRequest& request) {
  const auto* partition = partition_of(request);
  if (!partition) return std::nullopt;
  return raft::VoteRequest{.cluster_id = request.cluster_id,
                           .to = {request.voter_id, partition->voter_directory_id},
                           .from = {partition->replica_id, partition->replica_directory_id},
                           .epoch = partition->replica_epoch,
                           .log_end = {partition->last_offset_epoch, partition->last_offset},
                           .pre_vote = partition->pre_vote};
}

std::optional<raft::BeginEpochRequest> from_wire(const wire::BeginQuorumEpochRequest& request) {
  const auto* partition = partition_of(request);
  if (!partition) return std::nullopt;
  return raft::BeginEpochRequest{.cluster_id = request.cluster_id,
                                 .to = {request.voter_id, partition->voter_directory_id},
                                 .leader_id = partition->leader_id,
                                 .epoch = partition->leader_epoch,
                                 .leader_endpoints = endpoints_from_wire(request.leader_endpoints)};
}

std::optional<raft::EndEpochRequest> from_wire(const wire::EndQuorumEpochRequest& request) {
  const auto* partition = partition_of(request);
  if (!partition) return std::nullopt;
  raft::EndEpochRequest in{.cluster_id = request.cluster_id,
                           .leader_id = partition->leader_id,
                           .epoch = partition->leader_epoch,
                           .leader_endpoints = endpoints_from_wire(request.leader_endpoints)};
  for (const auto& successor : partition->preferred_candidates)
    in.successors.push_back({successor.candidate_id, successor.candidate_directory_id});
  if (in.successors.empty())
    for (const int32_t id : partition->preferred_successors) in.successors.push_back({id});
  return in;
}

std::optional<raft::FetchRequest> from_wire(const wire::FetchRequest& request) {
  const auto* partition = only_partition(request.topics);
  if (!partition || partition->partition != metadata_partition) return std::nullopt;
  const auto& topic = request.topics[0];
  const bool is_metadata =
      topic.topic.empty() ? topic.topic_id == metadata_topic_id : topic.topic == metadata_topic;
  if (!is_metadata) return std::nullopt;
  const int32_t from = std::max(request.replica_id, request.replica_state.replica_id);
  return raft::FetchRequest{.cluster_id = request.cluster_id,
                            .from = {from, partition->replica_directory_id},
                            .leader_epoch = partition->current_leader_epoch,
                            .position = {partition->last_fetched_epoch, partition->fetch_offset},
                            .high_watermark = partition->high_watermark,
                            .max_wait_ms = request.max_wait_ms};
}

std::optional<raft::FetchSnapshotRequest> from_wire(const wire::FetchSnapshotRequest& request) {
  const auto* partition = only_partition(request.topics);
  if (!partition || request.topics[0].name != metadata_topic || partition->partition != metadata_partition)
    return std::nullopt;
  return raft::FetchSnapshotRequest{
      .cluster_id = request.cluster_id,
      .from = {request.replica_id, partition->replica_directory_id},
      .leader_epoch = partition->current_leader_epoch,
      .snapshot = {partition->snapshot_id.epoch, partition->snapshot_id.end_offset},
      .position = partition->position};
}

wire::VoteResponse to_wire(const raft::VoteReply& reply) {
  wire::VoteResponse out{.error_code = whole_error(reply.head.error)};
  if (out.error_code == ErrorCode::none) add_answer(out, reply.head).vote_granted = reply.granted;
  return out;
}

wire::BeginQuorumEpochResponse to_wire(const raft::BeginEpochReply& reply) {
  wire::BeginQuorumEpochResponse out{.error_code = whole_error(reply.head.error)};
  if (out.error_code == ErrorCode::none) add_answer(out, reply.head);
  return out;
}

wire::EndQuorumEpochResponse to_wire(const raft::EndEpochReply& reply) {
  wire::EndQuorumEpochResponse out{.error_code = whole_error(reply.head.error)};
  if (out.error_code == ErrorCode::none) add_answer(out, reply.head);
  return out;
}

wire::FetchResponse to_wire(const raft::FetchAnswer& answer) {
  const raft::FetchResult& result = answer.result;
  wire::FetchResponse out{.error_code = whole_error(result.head.error)};
  if (out.error_code != ErrorCode::none) return out;
  auto& topic = out.responses.emplace_back(
      wire::FetchResponse::FetchableTopicResponse{.topic = metadata_topic, .topic_id = metadata_topic_id});
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = metadata_partition;
  partition.error_code = result.head.error;
  partition.high_watermark = result.high_watermark;
  partition.log_start_offset = result.log_start;
  partition.current_leader = {result.head.leader_id, result.head.epoch};
  if (result.diverging) partition.diverging_epoch = {result.diverging->epoch, result.diverging->offset};
  if (result.snapshot) partition.snapshot_id = {result.snapshot->offset, result.snapshot->epoch};
  add_leader_endpoint(out, result.head);
  return out;
}

wire::FetchSnapshotResponse to_wire(const raft::FetchSnapshotAnswer& answer) {
  wire::FetchSnapshotResponse out{.error_code = whole_error(answer.head.error)};
  if (out.error_code != ErrorCode::none) return out;
  auto& topic = out.topics.emplace_back(wire::FetchSnapshotResponse::TopicSnapshot{.name = metadata_topic});
  auto& partition = topic.partitions.emplace_back();
  partition.index = metadata_partition;
  partition.error_code = answer.head.error;
  partition.snapshot_id = {answer.snapshot.offset, answer.snapshot.epoch};
  partition.current_leader = {answer.head.leader_id, answer.head.epoch};
  partition.position = answer.position;
  add_leader_endpoint(out, answer.head);
  return out;
}

raft::Reply from_wire(const wire::VoteResponse& response) {
  const auto head = head_of(response);
  if (!head) return raft::Failed{};
  const auto* partition = partition_of(response);
  return raft::VoteReply{*head, partition && partition->vote_granted};
}

raft::Reply from_wire(const wire::BeginQuorumEpochResponse& response) {
  const auto head = head_of(response);
  return head ? raft::Reply(raft::BeginEpochReply{*head}) : raft::Failed{};
}

raft::Reply from_wire(const wire::EndQuorumEpochResponse& response) {
  const auto head = head_of(response);
  return head ? raft::Reply(raft::EndEpochReply{*head}) : raft::Failed{};
}

raft::Reply from_wire(const wire::FetchResponse& response) {
  const auto* partition = only_partition(response.responses);
  if (!partition) {
    if (response.error_code == ErrorCode::none) return raft::Failed{};
    return raft::FetchReply{.result = {.head = {.error = response.error_code}}};
  }
  raft::FetchReply reply;
  reply.result.head = head_of(response, partition->error_code, partition->current_leader.leader_id,
                              partition->current_leader.leader_epoch);
  reply.result.high_watermark = partition->high_watermark;
  reply.result.log_start = partition->log_start_offset;
  const auto& diverging = partition->diverging_epoch;
  if (diverging.epoch >= 0) reply.result.diverging = raft::LogEnd{diverging.epoch, diverging.end_offset};
  const auto& snapshot = partition->snapshot_id;
  if (snapshot.epoch >= 0) reply.result.snapshot = raft::LogEnd{snapshot.epoch, snapshot.end_offset};
  auto batches = batches_of(partition->records.slice());
  if (!batches) return raft::Failed{};
  reply.batches = std::move(*batches);
  return reply;
}

raft::Reply from_wire(const wire::FetchSnapshotResponse& response) {
  const auto* partition = only_partition(response.topics);
  if (!partition) {
    if (response.error_code == ErrorCode::none) return raft::Failed{};
    return raft::FetchSnapshotReply{.head = {.error = response.error_code}};
  }
  return raft::FetchSnapshotReply{
      .head = head_of(response, partition->error_code, partition->current_leader.leader_id,
                      partition->current_leader.leader_epoch),
      .snapshot = {partition->snapshot_id.epoch, partition->snapshot_id.end_offset},
      .position = partition->position,
      .size = partition->size,
      .bytes = partition->unaligned_records.slice()};
}

}  // namespace kt::node
