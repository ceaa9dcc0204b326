// Vote (52), BeginQuorumEpoch (53), EndQuorumEpoch (54), FetchSnapshot (59), and Fetch (1) on a controller's
// listener: what the replicas of the metadata log ask each other (semantics M1-M9).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/quorum_client.h"

namespace kt::api {
namespace {

constexpr int16_t quorum_fetch_since = 12;  // epochs of fetched records

// The first version whose answer says where the leader is.
template <class Response>
constexpr int16_t names_leader_since = 1;
template <>
constexpr int16_t names_leader_since<wire::FetchResponse> = 16;

/// A leader whose address nothing tells, as it listens on every one and no list of voters has it, is where
/// the asker has found it (rulings: advertised address).
template <class Response>
void name_this_leader(Response& response, Broker& broker, const Endpoint& reached_at) {
  const int32_t self = broker.config().node_id;
  const bool is_unnamed = response.error_code == ErrorCode::none && response.node_endpoints.empty() &&
                          broker.config().quorum_voters.empty();
  if (!is_unnamed || broker.quorum_leader_id() != self) return;
  auto& node = response.node_endpoints.emplace_back();
  node.node_id = self;
  node.host = reached_at.host;
  node.port = reached_at.port;
}

template <class Request>
void ask_quorum(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = QuorumAnswer<Request>;
  auto request = wire::decode<Request>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  if (!ctx.allowed_on_cluster(Operation::cluster_action)) {
    Response refused;
    refused.error_code = ErrorCode::cluster_authorization_failed;
    return answer(refused);
  }
  const bool names_leader = ctx.version() >= names_leader_since<Response>;
  ctx.broker.quorum().ask(ctx.loop, std::move(request),
                          [answer = std::move(answer), names_leader, &broker = ctx.broker,
                           local = ctx.local](Response response) mutable {
                            if (names_leader)
                              name_this_leader(response, broker, local);
                            else
                              response.node_endpoints.clear();
                            answer(response);
                          });
}

}  // namespace

void handle_vote(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_quorum<wire::VoteRequest>(ctx, body, std::move(reply));
}
void handle_begin_quorum_epoch(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_quorum<wire::BeginQuorumEpochRequest>(ctx, body, std::move(reply));
}
void handle_end_quorum_epoch(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_quorum<wire::EndQuorumEpochRequest>(ctx, body, std::move(reply));
}
void handle_fetch_snapshot(RequestContext& ctx, const Slice& body, net::Reply reply) {
  ask_quorum<wire::FetchSnapshotRequest>(ctx, body, std::move(reply));
}
void handle_quorum_fetch(RequestContext& ctx, const Slice& body, net::Reply reply) {
  if (ctx.version() < quorum_fetch_since)
    throw wire::DecodeError("this version cannot fetch the metadata log");
  ask_quorum<wire::FetchRequest>(ctx, body, std::move(reply));
}

}  // namespace kt::api
