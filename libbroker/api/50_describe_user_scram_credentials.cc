// DescribeUserScramCredentials, key 50: which users have SCRAM credentials, never the credentials (KIP-554).
// None can be set through kt yet; a directory that Apache Kafka has written may hold some.
#include "libbroker/api/handlers.h"
#include "libbroker/metadata/describe_clients.h"

namespace kt::api {

void handle_describe_user_scram_credentials(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DescribeUserScramCredentialsRequest>(body, ctx.version());
  if (ctx.allowed_on_cluster(Operation::describe))
    return answer(ctx, std::move(reply), metadata::describe_scram_credentials(*ctx.image, request));
  wire::DescribeUserScramCredentialsResponse refused;
  refused.error_code = ErrorCode::cluster_authorization_failed;
  refused.error_message = text_of(refused.error_code);
  answer(ctx, std::move(reply), refused);
}

}  // namespace kt::api
