#include "libbroker/fault/fault_net.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace kt::fault {

/// A connection that is being made.
struct FaultNet::Attempt {
  Loop& loop;
  const Endpoint to;
  const int32_t peer;
  const int64_t deadline_ms;
  Connected connected;
  std::shared_ptr<Board::Watcher> watcher = std::make_shared<Board::Watcher>();
  bool is_under_way = false;
};

std::optional<int32_t> FaultNet::node_at(const Endpoint& to) const {
  const auto orders = services_.board.orders();
  const auto found = orders->ports.find(to.port);
  if (found == orders->ports.end()) return std::nullopt;
  return found->second;
}

bool FaultNet::is_cut(int32_t peer) const {
  const auto orders = services_.board.orders();
  return std::ranges::any_of(orders->faults, [&](const Fault& fault) {
    return fault.kind == Fault::Kind::cut && fault.apis.empty() && fault.client.empty() &&
           fault.frames == Fault::Frames::all &&
           (fault.joins(orders->node, peer) || fault.joins(peer, orders->node));
  });
}

Result<std::unique_ptr<Acceptor>> FaultNet::listen(std::vector<Loop*> loops, const Endpoint& at,
                                                   Accepted accepted) {
  return net_.listen(
      std::move(loops), at,
      [services = services_, accepted = std::move(accepted)](Loop& loop, std::unique_ptr<Stream> stream) {
        accepted(loop, std::make_unique<FaultStream>(services, loop, std::move(stream), std::nullopt));
      });
}

void FaultNet::connect(Loop& loop, const Endpoint& to, int64_t timeout_ms, Connected connected) {
  const auto peer = node_at(to);
  if (!peer) return net_.connect(loop, to, timeout_ms, std::move(connected));
  const auto attempt = std::make_shared<Attempt>(
      Attempt{loop, to, *peer, services_.clock.monotonic_ms() + timeout_ms, std::move(connected)});
  if (!is_cut(*peer)) return try_now(attempt);
  attempt->watcher->changed = [this, weak = std::weak_ptr(attempt)] {
    const auto waiting = weak.lock();
    if (waiting && !waiting->is_under_way && !is_cut(waiting->peer)) try_now(waiting);
  };
  services_.board.watch(loop, attempt->watcher);
  loop.after(timeout_ms, [attempt, timeout_ms] {  // which holds it until then
    if (std::exchange(attempt->is_under_way, true)) return;
    attempt->connected(fail(ErrorCode::request_timed_out, fmt::format("cannot connect to {} within {} ms",
                                                                      attempt->to.text(), timeout_ms)));
  });
}

void FaultNet::try_now(const std::shared_ptr<Attempt>& attempt) {
  attempt->is_under_way = true;
  const int64_t left_ms = std::max<int64_t>(1, attempt->deadline_ms - services_.clock.monotonic_ms());
  net_.connect(attempt->loop, attempt->to, left_ms,
               [services = services_, attempt](Result<std::unique_ptr<Stream>> stream) {
                 if (!stream) return attempt->connected(fail(std::move(stream.error())));
                 attempt->connected(std::make_unique<FaultStream>(services, attempt->loop, std::move(*stream),
                                                                  attempt->peer));
               });
}

}  // namespace kt::fault
