// UpdateFeatures, key 57: changes finalized feature levels (semantics K14).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_update_features(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::UpdateFeaturesRequest>(body, ctx.version());
  const auto refusal = [](ErrorCode code, std::string message) {
    wire::UpdateFeaturesResponse response;
    response.error_code = code;
    response.error_message = std::move(message);
    return response;
  };
  ask_controller_about_cluster(ctx, std::move(reply), Operation::alter, std::move(request), refusal);
}

}  // namespace kt::api
