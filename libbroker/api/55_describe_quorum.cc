// DescribeQuorum, key 55: leader, voters and observers of the metadata quorum (semantics M13).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/quorum_client.h"

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
  auto tell = [answer = std::move(answer), names_nodes](Response response) mutable {
    if (!names_nodes) response.nodes.clear();
    answer(response);
  };
  QuorumClient* const replica = ctx.listener.is_controller ? &ctx.broker.quorum() : nullptr;
  auto asked = request;
  ask_controller(ctx, std::move(asked),
                 [&loop = ctx.loop, replica, request = std::move(request),
                  tell = std::move(tell)](Result<Response> described) mutable {
                   if (described) return tell(std::move(*described));
                   // Who asks this node itself is told by partition that it does not lead; who sent an
                   // Envelope asks another.
                   if (replica && described.error().code == ErrorCode::not_controller)
                     return replica->ask(loop, std::move(request), std::move(tell));
                   Response refused;
                   refused.error_code = described.error().code;
                   refused.error_message = described.error().message;
                   tell(std::move(refused));
                 });
}

}  // namespace kt::api
