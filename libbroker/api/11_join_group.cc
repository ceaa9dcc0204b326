// JoinGroup, key 11: enters a member into a group's next generation (semantics G11-G16).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/wire/11_join_group.h"

namespace kt::api {

void handle_join_group(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::JoinGroupRequest>(body, ctx.version());
  Answer<wire::JoinGroupResponse> answer(ctx, std::move(reply));
  if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id)) {
    return answer({.error_code = ErrorCode::group_authorization_failed, .member_id = request.member_id});
  }
  group::Coordinator::Asker asker{ctx.header.client_id, "/" + ctx.peer.host, ctx.version()};
  const bool null_protocol_known = ctx.version() >= 7;
  ctx.broker.groups().join(ctx.loop, std::move(request), std::move(asker),
                           [answer = std::move(answer), null_protocol_known](wire::JoinGroupResponse response) mutable {
                             // Without a generation there is no protocol: "" to old versions, null to those that know it.
                             if (response.error_code != ErrorCode::none) {
                               response.protocol_name = null_protocol_known ? std::nullopt : std::optional<std::string>("");
                             }
                             answer(response);
                           });
}

}  // namespace kt::api
