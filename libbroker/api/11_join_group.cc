// JoinGroup, key 11: enters a member into a group's next generation (semantics G11-G16).
#include "libbroker/wire/11_join_group.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>
#include <string>

#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

/// "/" and the address, as Java's InetAddress prints it: IPv6 without a "::" (its toString).
std::string client_host(const std::string& address) {
  std::array<uint8_t, 16> bytes;
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return "/" + address;
  std::string host;
  for (size_t i = 0; i < bytes.size(); i += 2)
    host += fmt::format("{}{:x}", i == 0 ? "/" : ":", bytes[i] << 8 | bytes[i + 1]);
  return host;
}

}  // namespace

void handle_join_group(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::JoinGroupRequest>(body, ctx.version());
  Answer<wire::JoinGroupResponse> answer(ctx, std::move(reply));
  if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id)) {
    return answer({.error_code = ErrorCode::group_authorization_failed, .member_id = request.member_id});
  }
  group::Coordinator::Asker asker{ctx.header.client_id, client_host(ctx.peer.host), ctx.version()};
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
