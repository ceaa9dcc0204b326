// DescribeClientQuotas, key 48: the quotas that are set (KIP-546). None can be set through kt yet and none is
// enforced; a directory that Apache Kafka has written may hold some.
#include "libbroker/api/handlers.h"
#include "libbroker/metadata/describe_clients.h"

namespace kt::api {

void handle_describe_client_quotas(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DescribeClientQuotasRequest>(body, ctx.version());
  if (ctx.allowed_on_cluster(Operation::describe_configs))
    return answer(ctx, std::move(reply), metadata::describe_client_quotas(*ctx.image, request));
  wire::DescribeClientQuotasResponse refused;
  refused.error_code = ErrorCode::cluster_authorization_failed;
  refused.error_message = text_of(refused.error_code);
  refused.entries.reset();
  answer(ctx, std::move(reply), refused);
}

}  // namespace kt::api
