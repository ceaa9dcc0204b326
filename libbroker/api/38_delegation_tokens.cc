// CreateDelegationToken, RenewDelegationToken, ExpireDelegationToken, DescribeDelegationToken, keys 38 to 41:
// tokens are asked for over SASL or TLS only (KafkaApis.allowTokenRequests), and a PLAINTEXT listener has
// neither.
#include "libbroker/api/handlers.h"
#include "libbroker/wire/38_create_delegation_token.h"
#include "libbroker/wire/39_renew_delegation_token.h"
#include "libbroker/wire/40_expire_delegation_token.h"
#include "libbroker/wire/41_describe_delegation_token.h"

namespace kt::api {
namespace {

template <class Request, class Response>
void refuse(RequestContext& ctx, const Slice& body, net::Reply reply, Response response = {}) {
  wire::decode<Request>(body, ctx.version());
  response.error_code = ErrorCode::delegation_token_request_not_allowed;
  answer(ctx, std::move(reply), response);
}

}  // namespace

void handle_create_delegation_token(RequestContext& ctx, const Slice& body, net::Reply reply) {
  constexpr int16_t requester_since = 3;
  const std::string_view principal = ctx.principal;
  const size_t colon = principal.find(':');
  wire::CreateDelegationTokenResponse response;
  response.principal_type = principal.substr(0, colon);
  response.principal_name = principal.substr(colon + 1);
  if (ctx.version() >= requester_since) {
    response.token_requester_principal_type = response.principal_type;
    response.token_requester_principal_name = response.principal_name;
  }
  response.issue_timestamp_ms = response.expiry_timestamp_ms = response.max_timestamp_ms = -1;
  refuse<wire::CreateDelegationTokenRequest>(ctx, body, std::move(reply), std::move(response));
}

void handle_renew_delegation_token(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::RenewDelegationTokenResponse response;
  response.expiry_timestamp_ms = -1;
  refuse<wire::RenewDelegationTokenRequest>(ctx, body, std::move(reply), std::move(response));
}

void handle_expire_delegation_token(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::ExpireDelegationTokenResponse response;
  response.expiry_timestamp_ms = -1;
  refuse<wire::ExpireDelegationTokenRequest>(ctx, body, std::move(reply), std::move(response));
}

void handle_describe_delegation_token(RequestContext& ctx, const Slice& body, net::Reply reply) {
  refuse<wire::DescribeDelegationTokenRequest, wire::DescribeDelegationTokenResponse>(ctx, body,
                                                                                      std::move(reply));
}

}  // namespace kt::api
