#pragma once
#include <memory>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/net/asio_loop.h"

namespace kt::net {

/// A listening TCP socket whose first loop accepts and hands the connections round.
class Listener final : public Acceptor {
 public:
  static Result<std::unique_ptr<Acceptor>> open(std::vector<AsioLoop*> loops, const Endpoint& at,
                                                Net::Accepted accepted);
  ~Listener() override;
  Endpoint local() const override;

 private:
  class Socket;
  explicit Listener(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}
  std::shared_ptr<Socket> socket_;  // shared with the loops' pending work
};

}  // namespace kt::net
