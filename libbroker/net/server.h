#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/net.h"
#include "libbroker/net/server_connection.h"

namespace kt::net {

struct ServerOptions {
  ServerLimits limits = {};
  size_t connections_max = 10'000;         // max.connections
  size_t connections_per_host_max = 1000;  // max.connections.per.ip
  /// max.connection.creation.rate: what comes faster is served later. Needs a clock, which outlives the
  /// server.
  int32_t connections_per_second_max = 500;
  Clock* clock = nullptr;
};

/// One listener and its connections, on one or several loops. The loops, the budget and the dispatcher
/// outlive it; the dispatcher is called on every one of the loops. Destroyed after close() has called back,
/// or when no loop runs.
class Server {
 public:
  Server(std::vector<Loop*> loops, MemoryBudget& budget, Dispatcher& dispatcher,
         const ServerOptions& options);
  ~Server();

  /// Begins to accept; returns the address with the port that the system picked. Errors: Net::listen's
  /// sentences.
  Result<Endpoint> listen(Net& net, const Endpoint& at);
  /// Stops accepting and closes every connection; `closed` runs on one of the loops when all are gone.
  void close(Task closed);
  /// Of all loops together.
  size_t open_connections() const;
  /// One per loop, for metrics.
  std::vector<const ConnectionCounters*> counters() const;

 private:
  class Admission;
  class LoopConnections;
  struct Shared;
  std::shared_ptr<Shared> shared_;  // shared with streams that are handed from loop to loop
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace kt::net
