// LeaveGroup, key 13: takes members out of a group (semantics G19).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/wire/13_leave_group.h"

namespace kt::api {

void handle_leave_group(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::LeaveGroupRequest>(body, ctx.version());
  Answer<wire::LeaveGroupResponse> answer(ctx, std::move(reply));
  if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id)) {
    return answer({.error_code = ErrorCode::group_authorization_failed});
  }
  const bool lists_members = ctx.version() >= 3;
  ctx.broker.groups().leave(ctx.loop, std::move(request), ctx.version(),
                            [answer = std::move(answer), lists_members](wire::LeaveGroupResponse response) mutable {
                              if (!lists_members) response.members.clear();
                              answer(response);
                            });
}

}  // namespace kt::api
