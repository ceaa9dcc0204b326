// ConsumerGroupHeartbeat and ConsumerGroupDescribe, keys 68 and 69: refused while group.version is 0
// (KIP-848).
#include "libbroker/api/handlers.h"
#include "libbroker/wire/68_consumer_group_heartbeat.h"
#include "libbroker/wire/69_consumer_group_describe.h"

namespace kt::api {

void handle_consumer_group_heartbeat(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::decode<wire::ConsumerGroupHeartbeatRequest>(body, ctx.version());
  wire::ConsumerGroupHeartbeatResponse response;
  response.error_code = ErrorCode::unsupported_version;
  answer(ctx, std::move(reply), response);
}

void handle_consumer_group_describe(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::ConsumerGroupDescribeRequest>(body, ctx.version());
  wire::ConsumerGroupDescribeResponse response;
  for (const std::string& id : request.group_ids) {
    auto& group = response.groups.emplace_back();
    group.group_id = id;
    group.error_code = ErrorCode::unsupported_version;
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
