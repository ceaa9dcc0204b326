#include "libbroker/node/quorum_network.h"

#include <utility>

#include "libbroker/base/logger.h"
#include "libbroker/node/quorum_messages.h"
#include "libbroker/node/quorum_options.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.QuorumNetwork";
constexpr int16_t pre_vote_version_min = 2;
constexpr int16_t fetch_version_min = 17;  // directory ids: Kafka 3.9

template <class Response>
raft::Reply reply_of(const Result<Response>& response) {
  if (!response) return raft::Failed{};
  try {
    return from_wire(*response);
  } catch (const wire::DecodeError& error) {
    log_warn(component, "{} says what cannot be understood: {}", Response::type_name, error.what());
    return raft::Failed{};
  }
}

}  // namespace

QuorumNetwork::QuorumNetwork(Loop& control, Net& net, Options options, Replied replied)
    : control_(control),
      options_(std::move(options)),
      replied_(std::move(replied)),
      services_{control, net, options_.client_id, options_.request_timeout_ms, options_.request_timeout_ms} {}

/// None when no address is known. A node that has moved gets a connection to where it is now.
client::Link* QuorumNetwork::link_to(int32_t node, const std::vector<raft::Endpoint>* at) {
  if (!at || at->empty()) return nullptr;
  const Endpoint to = place_of(*at, options_.listener);
  auto& link = links_[node];
  if (!link || link->at() != to) link = std::make_unique<client::Link>(services_, to);
  return link.get();
}

void QuorumNetwork::send(raft::SentRequest request, const std::vector<raft::Endpoint>* at) {
  const uint64_t id = request.request_id;
  client::Link* const link = link_to(request.to, at);
  if (!link) {
    return control_.post([this, alive = std::weak_ptr(alive_), id] {
      if (alive.lock()) replied_(id, raft::Failed{});
    });
  }
  std::visit(
      [&]<class R>(const R& asked) {
        if constexpr (std::is_same_v<R, raft::VoteRequest>)
          exchange<wire::VoteResponse>(*link, request, to_wire(asked),
                                       asked.pre_vote ? pre_vote_version_min : 0);
        else if constexpr (std::is_same_v<R, raft::BeginEpochRequest>)
          exchange<wire::BeginQuorumEpochResponse>(*link, request, to_wire(asked));
        else if constexpr (std::is_same_v<R, raft::EndEpochRequest>)
          exchange<wire::EndQuorumEpochResponse>(*link, request, to_wire(asked));
        else if constexpr (std::is_same_v<R, raft::FetchRequest>)
          exchange<wire::FetchResponse>(*link, request, to_wire(asked), fetch_version_min);
        else
          exchange<wire::FetchSnapshotResponse>(*link, request, to_wire(asked));
      },
      request.request);
}

template <class WireResponse, class WireRequest>
void QuorumNetwork::exchange(client::Link& link, const raft::SentRequest& sent, WireRequest request,
                             int16_t version_min) {
  auto call = client::call_of(std::move(request), options_.client_id, options_.request_timeout_ms);
  call->version_min = version_min;
  const uint64_t id = sent.request_id;
  client::answer_to<WireResponse>(
      *call, [this, id, node = sent.to, &link](Result<WireResponse> response, int16_t) {
        if (response && response->error_code == ErrorCode::inconsistent_cluster_id)
          options_.on_other_cluster(node, link.at());
        const bool knows_no_pre_vote = std::is_same_v<WireResponse, wire::VoteResponse> && !response &&
                                       response.error().code == ErrorCode::unsupported_version;
        replied_(id, knows_no_pre_vote
                         ? raft::Reply(raft::VoteReply{.head = {.error = ErrorCode::unsupported_version}})
                         : reply_of(response));
      });
  link.when_ready([this, id, &link, call = std::move(call)](Result<client::Link*> ready) {
    if (ready) return link.send(call);
    log_debug(component, "{}", ready.error().message);
    replied_(id, raft::Failed{.is_refused = link.was_refused()});
  });
}

}  // namespace kt::node
