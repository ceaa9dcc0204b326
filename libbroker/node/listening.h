#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "libbroker/api/context.h"
#include "libbroker/metadata/listeners.h"
#include "libbroker/net/server.h"
#include "libbroker/node/node.h"

namespace kt::node {

/// One listener: its connections' requests go to the API handlers. Clients may connect as soon as it is open,
/// but what they ask waits until the node serves: before, it knows no topic. Other nodes' controllers are
/// answered from the start.
class Node::Listening final : public net::Dispatcher {
 public:
  Listening(Node& node, metadata::Endpoint at, bool is_controller);

  Result<void> open();
  void close(Task closed) { server_.close(std::move(closed)); }
  const std::string& name() const { return info_.name; }
  const kt::Endpoint& bound() const { return bound_; }

  /// On the loop of `state`, which the request came on.
  void answer_held(HeldRequest request, LoopState& state);

  std::vector<const net::ConnectionCounters*> counters() const { return server_.counters(); }

  void on_opened(net::ServerConnection& connection) override;
  void on_request(net::ServerConnection& from, Slice frame, net::Reply reply) override;
  void on_answered(net::ServerConnection& connection) override;
  std::string answer_to_word(std::string_view four_bytes) override;
  void on_closed(net::ServerConnection& connection, std::string_view reason) override;

 private:
  /// Says, once in a while, that one of them came.
  void tell_of_zookeeper_client(const kt::Endpoint& peer);
  static net::ServerOptions options_of(const Options& of, Clock& clock);

  Node& node_;
  const metadata::Endpoint at_;
  const api::ListenerInfo info_;
  net::Server server_;
  kt::Endpoint bound_;
  std::atomic<int64_t> told_ms_ = INT64_MIN;  // when a ZooKeeper client was last told of
};

}  // namespace kt::node
