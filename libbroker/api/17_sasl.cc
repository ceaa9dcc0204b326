// SaslHandshake and SaslAuthenticate, keys 17 and 36: a PLAINTEXT listener is past authentication when it
// opens (KafkaApis.handleSaslHandshakeRequest).
#include "libbroker/api/handlers.h"
#include "libbroker/wire/17_sasl_handshake.h"
#include "libbroker/wire/36_sasl_authenticate.h"

namespace kt::api {

void handle_sasl_handshake(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::decode<wire::SaslHandshakeRequest>(body, ctx.version());
  wire::SaslHandshakeResponse response;
  response.error_code = ErrorCode::illegal_sasl_state;
  answer(ctx, std::move(reply), response);
}

void handle_sasl_authenticate(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::decode<wire::SaslAuthenticateRequest>(body, ctx.version());
  wire::SaslAuthenticateResponse response;
  response.error_code = ErrorCode::illegal_sasl_state;
  response.error_message = "SaslAuthenticate request received after successful authentication";
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
