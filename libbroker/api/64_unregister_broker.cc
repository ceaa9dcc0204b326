// UnregisterBroker, key 64: forgets a broker that will not come back (KIP-631).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_unregister_broker(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::UnregisterBrokerResponse;
  auto request = wire::decode<wire::UnregisterBrokerRequest>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  const auto refusal = [](ErrorCode code, const std::string& message) {
    Response response;
    response.error_code = code;
    response.error_message = message.empty() ? std::string(text_of(code)) : message;
    return response;
  };
  if (!ctx.allowed_on_cluster(Operation::alter))
    return answer(refusal(ErrorCode::cluster_authorization_failed, ""));
  ask_controller(ctx, std::move(request),
                 [answer = std::move(answer), refusal](Result<Response> done) mutable {
                   answer(done ? *done : refusal(done.error().code, done.error().message));
                 });
}

}  // namespace kt::api
