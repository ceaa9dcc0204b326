// OffsetDelete, key 47: forgets committed positions (semantics G26).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topics.h"
#include "libbroker/wire/47_offset_delete.h"

namespace kt::api {

void handle_offset_delete(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::OffsetDeleteRequest>(body, ctx.version());
  Answer<wire::OffsetDeleteResponse> answer(ctx, std::move(reply));
  if (!ctx.allowed(Operation::remove, ResourceType::group, request.group_id)) {
    return answer({.error_code = ErrorCode::group_authorization_failed});
  }
  auto refused = [allowed = TopicAccess(ctx, Operation::read, request.topics), image = ctx.image](const std::string& topic,
                                                                                                 int32_t partition) {
    if (!allowed(topic)) return ErrorCode::topic_authorization_failed;
    return has_partition(*image, topic, partition) ? ErrorCode::none : ErrorCode::unknown_topic_or_partition;
  };
  ctx.broker.groups().delete_offsets(ctx.loop, std::move(request), std::move(refused), std::move(answer));
}

}  // namespace kt::api
