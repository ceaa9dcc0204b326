#include "libbroker/net/asio_net.h"

#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/net/asio_loop.h"
#include "libbroker/net/connector.h"
#include "libbroker/net/listener.h"

namespace kt::net {
namespace {

AsioLoop& asio(Loop& loop) {
  auto* const mine = dynamic_cast<AsioLoop*>(&loop);
  KT_ASSERT(mine != nullptr);
  return *mine;
}

}  // namespace

Result<std::unique_ptr<Acceptor>> AsioNet::listen(std::vector<Loop*> loops, const Endpoint& at,
                                                  Accepted accepted) {
  KT_ASSERT(!loops.empty());
  std::vector<AsioLoop*> asio_loops;
  for (Loop* loop : loops) asio_loops.push_back(&asio(*loop));
  return Listener::open(std::move(asio_loops), at, std::move(accepted));
}

void AsioNet::connect(Loop& loop, const Endpoint& to, int64_t timeout_ms, Connected connected) {
  connect_socket(asio(loop), resolvers_, to, timeout_ms, std::move(connected));
}

}  // namespace kt::net
