#include "libbroker/sim/network.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::sim {
namespace {

constexpr int64_t ms = 1'000'000;                                      // in ns
constexpr uint16_t first_free_port = 32'768, last_free_port = 60'999;  // as Linux has it

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}
bool is_wildcard(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

class SimStream final : public Stream {
 public:
  SimStream(Connections& connections, Connections::Id id, size_t side, Endpoint local, Endpoint peer)
      : connections_(connections), id_(id), side_(side), local_(std::move(local)), peer_(std::move(peer)) {}
  ~SimStream() override { connections_.close(id_, side_); }

  void start(Handler& handler) override { connections_.start(id_, side_, handler); }
  void send(std::vector<Piece> pieces) override { connections_.send(id_, side_, pieces); }
  size_t unsent_bytes() const override { return connections_.unsent_bytes(id_, side_); }
  void pause_reading(bool paused) override { connections_.pause_reading(id_, side_, paused); }
  Endpoint local() const override { return local_; }
  Endpoint peer() const override { return peer_; }

 private:
  Connections& connections_;
  const Connections::Id id_;
  const size_t side_;
  const Endpoint local_, peer_;
};

class SimAcceptor final : public Acceptor {
 public:
  SimAcceptor(Network& network, uint32_t machine, uint64_t listener, Endpoint local)
      : network_(network), machine_(machine), listener_(listener), local_(std::move(local)) {}
  ~SimAcceptor() override { network_.stop_listening(machine_, local_.port, listener_); }
  Endpoint local() const override { return local_; }

 private:
  Network& network_;
  const uint32_t machine_;
  const uint64_t listener_;
  const Endpoint local_;
};

}  // namespace

void Network::add_host(uint32_t machine, const std::string& host) {
  KT_ASSERT(machines_.emplace(host, machine).second);
  hosts_[machine] = host;
}

std::optional<uint32_t> Network::resolve(uint32_t machine, const std::string& host) const {
  if (is_loopback(host) || is_wildcard(host)) return machine;
  const auto found = machines_.find(host);
  if (found == machines_.end()) return std::nullopt;
  return found->second;
}

uint16_t Network::free_port(uint32_t machine) {
  uint16_t& last = last_port_.try_emplace(machine, last_free_port).first->second;
  do {
    last = last == last_free_port ? first_free_port : last + 1;
  } while (listeners_.contains({machine, last}));
  return last;
}

Result<std::unique_ptr<Acceptor>> Network::listen(uint32_t machine, std::vector<Loop*> loops,
                                                  const Endpoint& at, Net::Accepted accepted) {
  KT_ASSERT(!loops.empty());
  if (resolve(machine, at.host) != machine) {
    return fail(
        ErrorCode::network_exception,
        fmt::format("cannot listen on port {}: {} is not an address of this machine", at.port, at.host));
  }
  const uint16_t port = at.port == 0 ? free_port(machine) : at.port;
  if (listeners_.contains({machine, port})) {
    const std::string where = at.host.empty() ? "every address" : at.host;
    return fail(ErrorCode::network_exception, fmt::format("port {} is in use at {}", port, where));
  }
  const uint64_t id = ++last_id_;
  trace_.note(scheduler_.now_ns(), "listen", machine, port);
  listeners_.emplace(std::pair(machine, port), Listener{id, std::move(loops), 0, std::move(accepted)});
  const Endpoint local{is_wildcard(at.host) ? hosts_[machine] : at.host, port};
  return std::make_unique<SimAcceptor>(*this, machine, id, local);
}

void Network::stop_listening(uint32_t machine, uint16_t port, uint64_t listener) {
  const auto found = listeners_.find({machine, port});
  if (found != listeners_.end() && found->second.id == listener) listeners_.erase(found);
}

void Network::connect(uint32_t machine, Loop& loop, const Endpoint& to, int64_t timeout_ms,
                      Net::Connected connected) {
  const uint64_t id = ++last_id_;
  const auto target = resolve(machine, to.host);
  attempts_[id] = {machine, target.value_or(machine), &loop, to, std::move(connected)};
  if (!target) return refuse(id, ms, ErrorCode::network_exception, "Name or service not known");
  scheduler_.after(links_.latency_ns({machine, *target}), "knock", [this, id] { knock(id); });
  scheduler_.after(timeout_ms * ms, "timeout", [this, id, timeout_ms] {
    const auto attempt = attempts_.find(id);
    if (attempt == attempts_.end()) return;
    const std::string reason =
        fmt::format("no answer from {} within {} ms", attempt->second.at.text(), timeout_ms);
    finish(id, fail(ErrorCode::request_timed_out, reason));
  });
}

void Network::refuse(uint64_t attempt, int64_t delay_ns, ErrorCode code, std::string_view why) {
  scheduler_.after(delay_ns, "refuse", [this, attempt, code, why] {
    const auto found = attempts_.find(attempt);
    if (found == attempts_.end()) return;
    const std::string reason = fmt::format("cannot connect to {}: {}", found->second.at.text(), why);
    finish(attempt, fail(code, reason));
  });
}

/// The first packet arrives, or does not.
void Network::knock(uint64_t id) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return;
  Attempt& attempt = found->second;
  const Link link{attempt.from, attempt.to};
  const int64_t clogged_ns = links_.clogged_until_ns(link) - scheduler_.now_ns();
  const bool passes = links_.passes(link, attempt.at.port) && links_.passes(link.back(), attempt.at.port);
  if (!passes || clogged_ns > 0) {
    const int64_t retry_ns = std::exchange(attempt.retry_ns, attempt.retry_ns * 2);
    return scheduler_.after(passes ? clogged_ns : retry_ns, "knock", [this, id] { knock(id); });
  }
  const auto listener = listeners_.find({attempt.to, attempt.at.port});
  if (listener == listeners_.end()) {
    return refuse(id, links_.latency_ns(link.back()), ErrorCode::broker_not_available, "Connection refused");
  }
  accept(id, listener->second);
}

void Network::accept(uint64_t id, Listener& listener) {
  const Attempt& attempt = attempts_.at(id);
  const Link link{attempt.from, attempt.to};
  Loop* const loop = listener.loops[listener.next_loop++ % listener.loops.size()];
  const Endpoint client{hosts_[attempt.from], free_port(attempt.from)},
      server{hosts_[attempt.to], attempt.at.port};
  const auto connection = connections_.open({attempt.from, client, attempt.loop}, {attempt.to, server, loop});
  trace_.note(scheduler_.now_ns(), "accept", connection, attempt.at.port);
  // The streams close their side when they die, wherever they are: at the caller or still in a task.
  scheduler_.after(links_.latency_ns(link.back()), "connected",
                   [this, id, stream = stream(connection, 0, client, server)]() mutable {
                     finish(id, std::move(stream));
                   });
  // A hand-over under way when the acceptor dies still arrives: its callback is the task's own.
  loop->post([loop, accepted = listener.accepted, stream = stream(connection, 1, server, client)]() mutable {
    accepted(*loop, std::move(stream));
  });
}

void Network::finish(uint64_t id, Result<std::unique_ptr<Stream>> result) {
  auto attempt = attempts_.extract(id);
  if (attempt.empty()) return;
  Loop* const loop = attempt.mapped().loop;
  loop->post([connected = std::move(attempt.mapped().connected), result = std::move(result)]() mutable {
    connected(std::move(result));
  });
}

std::unique_ptr<Stream> Network::stream(Connections::Id id, size_t side, const Endpoint& local,
                                        const Endpoint& peer) {
  return std::make_unique<SimStream>(connections_, id, side, local, peer);
}

void Network::drop_callbacks(uint32_t machine) {
  // Out of the maps first: destroying a callback may come back here.
  std::vector<Listener> listeners;
  std::vector<Attempt> attempts;
  for (auto at = listeners_.begin(); at != listeners_.end();) {
    if (at->first.first == machine) listeners.push_back(std::move(at->second));
    at = at->first.first == machine ? listeners_.erase(at) : std::next(at);
  }
  for (auto at = attempts_.begin(); at != attempts_.end();) {
    const bool is_its_own = at->second.from == machine;
    if (is_its_own) attempts.push_back(std::move(at->second));
    at = is_its_own ? attempts_.erase(at) : std::next(at);
  }
}

}  // namespace kt::sim
