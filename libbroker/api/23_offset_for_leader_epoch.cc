// OffsetForLeaderEpoch, key 23: where a leader epoch ended (semantics F33).
#include "libbroker/wire/23_offset_for_leader_epoch.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

Result<record::LogEnd> find_end(const RequestContext& ctx, const std::string& topic,
                                const wire::OffsetForLeaderEpochRequest::OffsetForLeaderPartition& asked) {
  const bool may_ask = ctx.allowed(Operation::describe, ResourceType::topic, topic) ||
                       ctx.allowed_on_cluster(Operation::cluster_action);
  if (!may_ask) return fail(ErrorCode::topic_authorization_failed);
  const metadata::Topic* known = ctx.image->topic(topic);
  if (!known || !known->partition(asked.partition)) return fail(ErrorCode::unknown_topic_or_partition);
  const auto partition = ctx.broker.find_partition(known->id, asked.partition);
  if (!partition) return fail(partition.error());
  return (*partition)->epoch_end(asked.leader_epoch, asked.current_leader_epoch);
}

}  // namespace

void handle_offset_for_leader_epoch(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::OffsetForLeaderEpochRequest>(body, ctx.version());
  wire::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      const auto end = find_end(ctx, topic.topic, asked);
      auto& result = answered.partitions.emplace_back();
      result.partition = asked.partition;
      if (end) {
        result.leader_epoch = end->epoch;
        result.end_offset = end->offset;
      } else {
        result.error_code = end.error().code;
      }
    }
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
