#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"

namespace kt {

/// Where something listens. A host is a name or an address; port 0 asks the system to pick one.
struct Endpoint {
  std::string host;
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
  /// "host:port", "[v6]:port".
  std::string text() const;
};

/// A two-way stream of bytes on one loop for life: TCP, and whatever slots in below frames (TLS, the simulator).
/// Every call and every callback is on that loop. Destroying it closes it, without a callback; that is allowed
/// inside any callback too, and no call of the handler follows. Callbacks come from the loop, never from inside send().
class Stream {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// Where the next bytes go, asked for just before they are read, so that the connections of a loop can share the
    /// memory. Empty only when the handler has just paused reading.
    virtual std::span<std::byte> read_buffer() = 0;
    /// `count` > 0 bytes arrived in what read_buffer() last gave.
    virtual void on_read(size_t count) = 0;
    /// Nothing is left unsent, after a send() that could not be finished at once.
    virtual void on_drained() {}
    /// The peer ended it or the transport failed; last callback. The handler may destroy the stream here.
    virtual void on_closed(std::string_view reason) = 0;
  };

  virtual ~Stream() = default;
  /// Begins to read, for `handler`, which outlives the stream or its on_closed().
  virtual void start(Handler& handler) = 0;
  /// Queues bytes after those queued before. Never blocks and never fails: a broken stream says so by on_closed().
  virtual void send(std::vector<Piece> pieces) = 0;
  virtual size_t unsent_bytes() const = 0;
  /// Stops (starts) calling read_buffer() and on_read(); the peer feels it as back-pressure.
  virtual void pause_reading(bool paused) = 0;
  virtual Endpoint local() const = 0;
  virtual Endpoint peer() const = 0;
};

/// A listening socket; destroying it stops listening.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual Endpoint local() const = 0;  // with the port that the system picked
};

/// How a node reaches others.
class Net {
 public:
  using Accepted = std::function<void(Loop&, std::unique_ptr<Stream>)>;
  using Connected = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;
  virtual ~Net() = default;
  /// Each accepted stream is given to `accepted` on the loop it lives on, one of `loops` in turn. A hand-over to another
  /// loop that was under way when the acceptor was destroyed may still arrive.
  /// Errors: a sentence naming the address and why (port in use, no permission, unknown host).
  virtual Result<std::unique_ptr<Acceptor>> listen(std::vector<Loop*> loops, const Endpoint& at,
                                                   Accepted accepted) = 0;
  /// Calls `connected` on `loop`, once. Errors, each a sentence naming the address and why:
  /// broker_not_available where nobody listens, network_exception, request_timed_out.
  virtual void connect(Loop& loop, const Endpoint& to, int64_t timeout_ms, Connected connected) = 0;
};

}  // namespace kt
