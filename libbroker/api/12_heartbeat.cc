// Heartbeat, key 12: keeps a member's session (semantics G15, G18).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/wire/12_heartbeat.h"

namespace kt::api {

void handle_heartbeat(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::HeartbeatRequest>(body, ctx.version());
  Answer<wire::HeartbeatResponse> answer(ctx, std::move(reply));
  if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id)) {
    return answer({.error_code = ErrorCode::group_authorization_failed});
  }
  ctx.broker.groups().heartbeat(ctx.loop, std::move(request), std::move(answer));
}

}  // namespace kt::api
