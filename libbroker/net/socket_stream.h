#pragma once
#include <memory>

#include "libbroker/base/net.h"

namespace kt::net {

class AsioLoop;

/// A connected TCP socket as a Stream. Reads straight into the handler's buffer; writes at once what the
/// socket takes, file ranges by sendfile, and waits for room with the rest. The loop outlives it.
class SocketStream final : public Stream {
 public:
  /// Takes over a connected, non-blocking descriptor. Called on the loop's thread.
  SocketStream(AsioLoop& loop, int descriptor);
  ~SocketStream() override;

  void start(Handler& handler) override;
  void send(std::vector<Piece> pieces) override;
  size_t unsent_bytes() const override;
  void pause_reading(bool paused) override;
  Endpoint local() const override;
  Endpoint peer() const override;

 private:
  class Socket;
  std::shared_ptr<Socket> socket_;  // shared with the reactor's pending waits
};

}  // namespace kt::net
