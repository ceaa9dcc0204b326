// CreatePartitions, key 37: adds partitions to topics (semantics K9).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_create_partitions(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::CreatePartitionsResponse;
  auto request = wire::decode<wire::CreatePartitionsRequest>(body, ctx.version());
  Response refused;
  std::erase_if(request.topics, [&](const auto& topic) {
    if (ctx.allowed(Operation::alter, ResourceType::topic, topic.name)) return false;
    refused.results.push_back({topic.name, ErrorCode::topic_authorization_failed, std::nullopt});
    return true;
  });
  Answer<Response> answer(ctx, std::move(reply));
  if (request.topics.empty()) return answer(refused);
  const auto asked = request.topics;
  ask_controller(
      ctx, std::move(request),
      [answer = std::move(answer), response = std::move(refused), asked](Result<Response> done) mutable {
        if (done) {
          for (auto& result : done->results) response.results.push_back(std::move(result));
        } else {
          for (const auto& topic : asked)
            response.results.push_back({topic.name, done.error().code, done.error().message});
        }
        answer(response);
      });
}

}  // namespace kt::api
