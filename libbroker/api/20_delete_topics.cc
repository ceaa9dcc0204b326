// DeleteTopics, key 20: deletes topics, by name or id (semantics K9).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

using Request = wire::DeleteTopicsRequest;
using Response = wire::DeleteTopicsResponse;
constexpr int16_t topic_states_since = 6;

// What the asker may not delete. An id stays an id where its topic may not be seen.
Response take_out_forbidden(const RequestContext& ctx, Request& request) {
  Response refused;
  if (ctx.allowed_on_cluster(Operation::remove)) return refused;
  std::erase_if(request.topics, [&](const Request::DeleteTopicState& state) {
    const metadata::Topic* known =
        state.name ? ctx.image->topic(*state.name) : ctx.image->topic(state.topic_id);
    const std::string name = state.name ? *state.name : known ? known->name : "";
    if (!state.name && !known) return false;  // the controller says that it knows no such id
    if (ctx.allowed(Operation::remove, ResourceType::topic, name)) return false;
    auto& result = refused.responses.emplace_back();
    result.name = state.name;
    result.topic_id = state.topic_id;
    result.error_code = ErrorCode::topic_authorization_failed;
    result.error_message = std::string(text_of(result.error_code));
    return true;
  });
  return refused;
}

}  // namespace

void handle_delete_topics(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<Request>(body, ctx.version());
  if (ctx.version() < topic_states_since) {
    for (std::string& name : request.topic_names) request.topics.push_back({.name = std::move(name)});
    request.topic_names.clear();
  }
  Response refused = take_out_forbidden(ctx, request);
  Answer<Response> answer(ctx, std::move(reply));
  if (request.topics.empty()) return answer(refused);
  const auto asked = request.topics;
  if (ctx.version() < topic_states_since) {
    for (auto& state : request.topics) request.topic_names.push_back(std::move(*state.name));
    request.topics.clear();
  }
  ask_controller(
      ctx, std::move(request),
      [answer = std::move(answer), refused = std::move(refused), asked](Result<Response> done) mutable {
        Response response = std::move(refused);
        if (done) {
          for (auto& result : done->responses) response.responses.push_back(std::move(result));
        } else {
          for (const auto& state : asked) {
            response.responses.push_back(
                {state.name, state.topic_id, done.error().code, done.error().message});
          }
        }
        answer(response);
      });
}

}  // namespace kt::api
