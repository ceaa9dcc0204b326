// CreateTopics, key 19: creates topics (semantics K8).
#include <set>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

using Request = wire::CreateTopicsRequest;
using Response = wire::CreateTopicsResponse;
constexpr int16_t config_error_topic_authorization = 29;  // configs are kept back, in the answer's own field

// Takes out what the asker may not create, answered without telling whether it exists.
Response take_out_forbidden(const RequestContext& ctx, Request& request) {
  Response refused;
  if (ctx.allowed_on_cluster(Operation::create)) return refused;
  std::erase_if(request.topics, [&](const Request::CreatableTopic& topic) {
    if (ctx.allowed(Operation::create, ResourceType::topic, topic.name)) return false;
    refused.topics.push_back({.name = topic.name,
                              .error_code = ErrorCode::topic_authorization_failed,
                              .error_message = "Authorization failed."});
    return true;
  });
  return refused;
}

}  // namespace

void handle_create_topics(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<Request>(body, ctx.version());
  Response refused = take_out_forbidden(ctx, request);
  std::set<std::string> hidden_configs;
  for (const auto& topic : request.topics) {
    if (!ctx.allowed(Operation::describe_configs, ResourceType::topic, topic.name)) hidden_configs.insert(topic.name);
  }
  Answer<Response> answer(ctx, std::move(reply));
  if (request.topics.empty()) return answer(refused);
  const auto names = request.topics;
  ask_controller(
      ctx, std::move(request),
      [answer = std::move(answer), refused = std::move(refused), hidden_configs,
       names](Result<Response> made) mutable {
        Response response = std::move(refused);
        if (made) {
          for (auto& topic : made->topics) {
            if (hidden_configs.contains(topic.name)) {
              topic.num_partitions = -1;
              topic.replication_factor = -1;
              topic.configs.reset();
              topic.topic_config_error_code = config_error_topic_authorization;
            }
            response.topics.push_back(std::move(topic));
          }
        } else {
          for (const auto& topic : names) {
            response.topics.push_back({.name = topic.name, .error_code = made.error().code, .error_message = made.error().message});
          }
        }
        answer(response);
      });
}

}  // namespace kt::api
