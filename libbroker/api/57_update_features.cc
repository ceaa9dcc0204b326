// UpdateFeatures, key 57: changes finalized feature levels (semantics K14).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_update_features(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::UpdateFeaturesResponse;
  auto request = wire::decode<wire::UpdateFeaturesRequest>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  const auto refuse = [&](const Error& error) {
    Response response;
    response.error_code = error.code;
    response.error_message = error.message.empty() ? std::string(text_of(error.code)) : error.message;
    answer(response);
  };
  if (!ctx.allowed_on_cluster(Operation::alter)) return refuse({ErrorCode::cluster_authorization_failed});
  ask_controller(ctx, std::move(request), [answer = std::move(answer)](Result<Response> done) mutable {
    if (done) return answer(*done);
    Response response;
    response.error_code = done.error().code;
    response.error_message = done.error().message;
    answer(response);
  });
}

}  // namespace kt::api
