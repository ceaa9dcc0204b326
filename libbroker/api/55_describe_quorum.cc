// DescribeQuorum, key 55: leader, voters and observers of the metadata quorum (semantics M13).
#include "libbroker/wire/55_describe_quorum.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_describe_quorum(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::DescribeQuorumResponse;
  constexpr int16_t nodes_since = 2;
  auto request = wire::decode<wire::DescribeQuorumRequest>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  if (!ctx.allowed_on_cluster(Operation::describe)) {
    Response response;
    response.error_code = ErrorCode::cluster_authorization_failed;
    return answer(response);
  }
  const bool names_nodes = ctx.version() >= nodes_since;
  ctx.broker.describe_quorum(ctx.loop, std::move(request),
                             [answer = std::move(answer), names_nodes](Response response) mutable {
                               if (!names_nodes) response.nodes.clear();
                               answer(response);
                             });
}

}  // namespace kt::api
