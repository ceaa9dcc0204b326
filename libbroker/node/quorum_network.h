#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/client/link.h"
#include "libbroker/raft/effects.h"

namespace kt::node {

/// Carries raft's requests to other nodes, one connection each, and nothing else on it. On the control loop.
class QuorumNetwork {
 public:
  struct Options {
    std::string client_id;
    int64_t request_timeout_ms = 2000;  // controller.quorum.request.timeout.ms; of connecting, too
    std::string listener;               // preferred among a node's addresses
    /// A node said that it is of another cluster.
    std::function<void(int32_t node, const Endpoint& at)> on_other_cluster;
  };
  /// Is told once what became of each request; never from inside send().
  using Replied = std::function<void(uint64_t request_id, raft::Reply reply)>;

  QuorumNetwork(Loop& control, Net& net, Options options, Replied replied);

  /// `at`: the addresses of the node it goes to, as known now; null: none is.
  void send(raft::SentRequest request, const std::vector<raft::Endpoint>* at);

 private:
  client::Link* link_to(int32_t node, const std::vector<raft::Endpoint>* at);
  template <class WireResponse, class WireRequest>
  void exchange(client::Link& link, const raft::SentRequest& sent, WireRequest request,
                int16_t version_min = 0);

  Loop& control_;
  const Options options_;
  const Replied replied_;
  client::LinkServices services_;
  std::map<int32_t, std::unique_ptr<client::Link>> links_;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

}  // namespace kt::node
