#pragma once
#include "libbroker/base/net.h"

namespace kt::net {

/// TCP over IPv4 and IPv6. Every Loop given to it is an AsioLoop. Names are resolved in `resolvers`, never on
/// a loop. listen() may be called from any thread; it resolves and binds before it returns. An empty host
/// listens on every address of the machine, IPv4 and IPv6. The loops and `resolvers` outlive what this makes.
class AsioNet final : public Net {
 public:
  explicit AsioNet(Executor& resolvers) : resolvers_(resolvers) {}
  Result<std::unique_ptr<Acceptor>> listen(std::vector<Loop*> loops, const Endpoint& at,
                                           Accepted accepted) override;
  /// Tries the host's addresses one after the other. Called on the loop's thread.
  void connect(Loop& loop, const Endpoint& to, int64_t timeout_ms, Connected connected) override;

 private:
  Executor& resolvers_;
};

}  // namespace kt::net
