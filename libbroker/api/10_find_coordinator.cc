// FindCoordinator, key 10: who coordinates a group or a transactional id (semantics G1, G28, T1, S4).
#include "libbroker/api/broker.h"
#include "libbroker/api/cluster_view.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topic_creation.h"
#include "libbroker/wire/10_find_coordinator.h"

namespace kt::api {
namespace {

constexpr int16_t many_keys_since = 4;
constexpr int8_t group_key = 0, transaction_key = 1;
using Response = wire::FindCoordinatorResponse;

Response::Coordinator failed(const std::string& key, ErrorCode code, std::string message = {}) {
  return {.key = key,
          .node_id = -1,
          .host = "",
          .port = -1,
          .error_code = code,
          .error_message = std::move(message)};
}

Response::Coordinator find(RequestContext& ctx, int8_t type, const std::string& key) {
  if (type == transaction_key) {
    if (!ctx.allowed(Operation::describe, ResourceType::transactional_id, key)) {
      return failed(key, ErrorCode::transactional_id_authorization_failed);
    }
    return failed(key, ErrorCode::transactional_id_authorization_failed, "kt has no transaction coordinator yet");
  }
  if (type != group_key) return failed(key, ErrorCode::invalid_request);
  if (!ctx.allowed(Operation::describe, ResourceType::group, key)) return failed(key, ErrorCode::group_authorization_failed);
  const metadata::Topic* topic = ctx.image->topic(offsets_topic);
  if (!topic) {
    create_offsets_topic(ctx);
    return failed(key, ErrorCode::coordinator_not_available);
  }
  const int32_t index = Groups::partition_of(key, static_cast<int32_t>(topic->partitions.size()));
  const metadata::Partition* partition = topic->partition(index);
  const auto leader = partition ? visible_broker(ctx, visible_leader(ctx, *partition).id) : std::nullopt;
  if (!leader) return failed(key, ErrorCode::coordinator_not_available);
  return {.key = key, .node_id = leader->id, .host = leader->host, .port = leader->port};
}

}  // namespace

void handle_find_coordinator(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::FindCoordinatorRequest>(body, ctx.version());
  Response response;
  if (ctx.version() >= many_keys_since) {
    for (const std::string& key : request.coordinator_keys) response.coordinators.push_back(find(ctx, request.key_type, key));
  } else {
    auto only = find(ctx, request.key_type, request.key);
    response.error_code = only.error_code;
    response.error_message = std::move(only.error_message);
    if (only.error_code == ErrorCode::none)
      response.error_message.reset();
    else if (response.error_message == "")
      response.error_message = std::string(text_of(only.error_code));
    response.node_id = only.node_id;
    response.host = std::move(only.host);
    response.port = only.port;
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
