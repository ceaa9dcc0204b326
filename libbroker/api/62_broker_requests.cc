// What brokers and controllers ask the active controller for themselves (semantics K1-K6, E8): AlterPartition
// (56), BrokerRegistration (62), BrokerHeartbeat (63), AllocateProducerIds (67), ControllerRegistration (70),
// AssignReplicasToDirs (73).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

template <class Request>
void ask_for_node(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = ControllerAnswer<Request>;
  auto request = wire::decode<Request>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  const auto refusal = [](ErrorCode code) {
    Response response;
    response.error_code = code;
    return response;
  };
  if (!ctx.allowed_on_cluster(Operation::cluster_action))
    return answer(refusal(ErrorCode::cluster_authorization_failed));
  ask_controller(ctx, std::move(request),
                 [answer = std::move(answer), refusal](Result<Response> done) mutable {
                   answer(done ? *done : refusal(done.error().code));
                 });
}

}  // namespace

void handle_alter_partition(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_for_node<wire::AlterPartitionRequest>(ctx, body, std::move(reply));
}
void handle_broker_registration(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_for_node<wire::BrokerRegistrationRequest>(ctx, body, std::move(reply));
}
void handle_broker_heartbeat(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_for_node<wire::BrokerHeartbeatRequest>(ctx, body, std::move(reply));
}
void handle_allocate_producer_ids(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_for_node<wire::AllocateProducerIdsRequest>(ctx, body, std::move(reply));
}
void handle_controller_registration(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_for_node<wire::ControllerRegistrationRequest>(ctx, body, std::move(reply));
}
void handle_assign_replicas_to_dirs(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_for_node<wire::AssignReplicasToDirsRequest>(ctx, body, std::move(reply));
}

}  // namespace kt::api
