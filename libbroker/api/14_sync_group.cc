// SyncGroup, key 14: hands out the assignment that the group's leader made (semantics G17).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/wire/14_sync_group.h"

namespace kt::api {

void handle_sync_group(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::SyncGroupRequest>(body, ctx.version());
  Answer<wire::SyncGroupResponse> answer(ctx, std::move(reply));
  if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id)) {
    return answer({.error_code = ErrorCode::group_authorization_failed});
  }
  if (ctx.version() >= 5 && (!request.protocol_type || !request.protocol_name)) {
    return answer({.error_code = ErrorCode::inconsistent_group_protocol});
  }
  ctx.broker.groups().sync(ctx.loop, std::move(request), std::move(answer));
}

}  // namespace kt::api
