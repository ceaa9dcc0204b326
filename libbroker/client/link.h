#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/client/cluster.h"
#include "libbroker/net/client_connection.h"

namespace kt::client {

/// One broker's connection: made when first needed, made again after it was lost. Learns what the broker
/// serves before anything else is sent.
class Link {
 public:
  using Versions = std::map<int16_t, std::pair<int16_t, int16_t>>;  // by API key: least and greatest

  Link(Cluster& cluster, Endpoint at) : cluster_(cluster), at_(std::move(at)) {}

  /// Calls `then` once connected and told the versions. Errors: network_exception naming the address and why.
  void when_ready(std::move_only_function<void(Result<Link*>)> then);
  void send(std::shared_ptr<Cluster::Call> call);
  const Versions& versions() const { return versions_; }
  bool is_ready() const { return state_ == State::ready && connection_ && connection_->is_open(); }

 private:
  enum class State { idle, connecting, ready };
  void connect();
  void ask_versions(int16_t version);
  void on_versions(Result<Slice> frame, int32_t correlation_id, int16_t version);
  void finish(Result<Link*> outcome);

  Cluster& cluster_;
  const Endpoint at_;
  State state_ = State::idle;
  std::unique_ptr<net::ClientConnection> connection_;
  Versions versions_;
  int32_t last_correlation_id_ = 0;
  std::vector<std::move_only_function<void(Result<Link*>)>> waiting_;
};

}  // namespace kt::client
