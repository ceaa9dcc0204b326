// UnregisterBroker, key 64: forgets a broker that will not come back (KIP-631).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_unregister_broker(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::UnregisterBrokerRequest>(body, ctx.version());
  const auto refusal = [](ErrorCode code, std::string message) {
    wire::UnregisterBrokerResponse response;
    response.error_code = code;
    response.error_message = std::move(message);
    return response;
  };
  ask_controller_about_cluster(ctx, std::move(reply), Operation::alter, std::move(request), refusal);
}

}  // namespace kt::api
