// OffsetCommit, key 8: stores the positions of a group (semantics G22).
#include "libbroker/wire/08_offset_commit.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topics.h"

namespace kt::api {
namespace {

constexpr int16_t topic_ids_since = 10;

// Names for ids; a topic id that is not known keeps an empty name, which no topic has.
void resolve_ids(const metadata::Image& image, wire::OffsetCommitRequest& request) {
  for (auto& topic : request.topics) {
    if (const auto* known = image.topic(topic.topic_id)) topic.name = known->name;
  }
}

// Nothing of a group that may not be read, not even whether its coordinator is here.
wire::OffsetCommitResponse refusal(const wire::OffsetCommitRequest& request) {
  wire::OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back({partition.partition_index, ErrorCode::group_authorization_failed});
    }
  }
  return response;
}

}  // namespace

void handle_offset_commit(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::OffsetCommitRequest>(body, ctx.version());
  Answer<wire::OffsetCommitResponse> answer(ctx, std::move(reply));
  const bool by_id = ctx.version() >= topic_ids_since;
  if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id)) return answer(refusal(request));
  if (by_id) resolve_ids(*ctx.image, request);
  auto refused = [allowed = TopicAccess(ctx, Operation::read, request.topics), image = ctx.image, by_id](
                     const std::string& topic, int32_t partition) {
    if (by_id && topic.empty()) return ErrorCode::unknown_topic_id;
    if (!allowed(topic)) return ErrorCode::topic_authorization_failed;
    return has_partition(*image, topic, partition) ? ErrorCode::none : ErrorCode::unknown_topic_or_partition;
  };
  ctx.broker.groups().commit(ctx.loop, std::move(request), ctx.version(), std::move(refused),
                             std::move(answer));
}

}  // namespace kt::api
