#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/sim/connections.h"
#include "libbroker/sim/links.h"
#include "libbroker/sim/scheduler.h"

namespace kt::sim {

/// The network between machines: names, listening ports, the making of connections. Faults are those of
/// `links()`.
class Network {
 public:
  Network(Scheduler& scheduler, Trace& trace, Rng& rng)
      : scheduler_(scheduler), trace_(trace), links_(rng), connections_(scheduler, trace, links_, rng) {}

  Links& links() { return links_; }
  size_t connections() const { return connections_.count(); }
  void add_host(uint32_t machine, const std::string& host);

  Result<std::unique_ptr<Acceptor>> listen(uint32_t machine, std::vector<Loop*> loops, const Endpoint& at,
                                           Net::Accepted accepted);
  void stop_listening(uint32_t machine, uint16_t port, uint64_t listener);
  void connect(uint32_t machine, Loop& loop, const Endpoint& to, int64_t timeout_ms,
               Net::Connected connected);

  /// Forgets what the machine's process asked to be called for.
  void drop_callbacks(uint32_t machine);
  void process_died(uint32_t machine) { connections_.close_all(machine); }
  void power_lost(uint32_t machine) { connections_.forget_all(machine); }

 private:
  struct Listener {
    uint64_t id = 0;
    std::vector<Loop*> loops;
    size_t next_loop = 0;
    Net::Accepted accepted;
  };
  struct Attempt {
    uint32_t from = 0, to = 0;
    Loop* loop = nullptr;
    Endpoint at = {};
    Net::Connected connected = {};
    int64_t retry_ns = 1'000'000'000;  // Linux's first SYN retransmission
  };

  /// The machine that answers to a name asked for on another; none: unknown.
  std::optional<uint32_t> resolve(uint32_t machine, const std::string& host) const;
  uint16_t free_port(uint32_t machine);
  void knock(uint64_t attempt);
  void accept(uint64_t attempt, Listener& listener);
  void finish(uint64_t attempt, Result<std::unique_ptr<Stream>> result);
  void refuse(uint64_t attempt, int64_t delay_ns, ErrorCode code, std::string_view why);
  std::unique_ptr<Stream> stream(Connections::Id id, size_t side, const Endpoint& local,
                                 const Endpoint& peer);

  Scheduler& scheduler_;
  Trace& trace_;
  Links links_;
  Connections connections_;
  std::map<std::string, uint32_t> machines_;
  std::map<uint32_t, std::string> hosts_;
  std::map<std::pair<uint32_t, uint16_t>, Listener> listeners_;
  std::map<uint64_t, Attempt> attempts_;
  std::map<uint32_t, uint16_t> last_port_;
  uint64_t last_id_ = 0;
};

/// One machine's view of the network.
class SimNet final : public Net {
 public:
  SimNet(Network& network, uint32_t machine) : network_(network), machine_(machine) {}
  Result<std::unique_ptr<Acceptor>> listen(std::vector<Loop*> loops, const Endpoint& at,
                                           Accepted accepted) override {
    return network_.listen(machine_, std::move(loops), at, std::move(accepted));
  }
  void connect(Loop& loop, const Endpoint& to, int64_t timeout_ms, Connected connected) override {
    network_.connect(machine_, loop, to, timeout_ms, std::move(connected));
  }

 private:
  Network& network_;
  const uint32_t machine_;
};

}  // namespace kt::sim
