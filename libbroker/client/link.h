#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libbroker/client/call.h"
#include "libbroker/net/client_connection.h"

namespace kt::client {

/// What the connections of one client share; outlives them.
struct LinkServices {
  Loop& loop;
  Net& net;
  std::string client_id;       // client.id
  int64_t connect_timeout_ms;  // socket.connection.setup.timeout.ms
  int64_t request_timeout_ms;  // of the question what the broker serves
  net::MemoryBudget answers{answer_bytes_max};

  static constexpr size_t answer_bytes_max = 256 << 20;  // of frames that are alive
};

/// One broker's connection: made when first needed, made again after it was lost. Learns what the broker
/// serves before anything else is sent.
class Link {
 public:
  using Versions = std::map<int16_t, std::pair<int16_t, int16_t>>;  // by API key: least and greatest

  Link(LinkServices& services, Endpoint at) : services_(services), at_(std::move(at)) {}

  /// Calls `then` once connected and told the versions; not when the link is destroyed before. Errors:
  /// network_exception naming the address and why.
  void when_ready(std::move_only_function<void(Result<Link*>)> then);
  void send(std::shared_ptr<Call> call);
  /// Ends the connection, also one that is being made: what waits fails, and the next request makes another.
  void close(std::string_view reason);
  const Versions& versions() const { return versions_; }
  bool is_ready() const { return state_ == State::ready && connection_ && connection_->is_open(); }
  /// Nobody listened there when it last connected.
  bool was_refused() const { return was_refused_; }
  const Endpoint& at() const { return at_; }

 private:
  enum class State { idle, connecting, ready };
  void connect();
  void ask_versions(int16_t version);
  void on_versions(Result<Slice> frame, int32_t correlation_id, int16_t version);
  void finish(Result<Link*> outcome);

  LinkServices& services_;
  const Endpoint at_;
  State state_ = State::idle;
  bool was_refused_ = false;
  uint64_t attempt_ = 0;  // that counts
  std::unique_ptr<net::ClientConnection> connection_;
  Versions versions_;
  int32_t last_correlation_id_ = 0;
  std::vector<std::move_only_function<void(Result<Link*>)>> waiting_;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

}  // namespace kt::client
