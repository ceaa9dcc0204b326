#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "libbroker/base/rng.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {

/// How the network behaves between machines. The defaults are a healthy one.
struct NetFaults {
  int64_t latency_us_min = 50,
          latency_us_mean = 100;        // one way: the least, and the mean of what is added to it
  uint32_t chunk_bytes_max = 16 << 10;  // segments are 1 to this long, or longer when much waits
  int64_t bytes_per_us = 1'000;         // of one connection, one way
  uint32_t window_bytes = 256 << 10;    // what a sender may have on the way and unread
  Chance loss = never;    // a segment is lost: everything behind it stalls for a retransmission or two
  Chance reset = never;   // a segment breaks its connection
  Chance zombie = never;  // what a closed connection had on the way arrives late, before its end does
  int64_t zombie_ms_max = 60'000;
  int64_t give_up_ms = 20'000;  // a sender that hears nothing for so long gives its connection up
};

/// One direction between two machines.
struct Link {
  uint32_t from = 0, to = 0;
  auto operator<=>(const Link&) const = default;
  Link back() const { return {to, from}; }
};

/// What makes a link worse than the others.
struct Slowness {
  int64_t extra_us_mean = 0;  // on top of its latency
  Chance loss = never;        // on top of the others'
};

/// Which machines can reach which, and how fast. A machine always reaches itself.
class Links {
 public:
  explicit Links(Rng& rng) : rng_(rng) {}

  void set_faults(const NetFaults& faults) { faults_ = faults; }
  const NetFaults& faults() const { return faults_; }
  int64_t latency_ns(Link link);
  /// Whether a segment is lost on its way.
  bool loses(Link link);

  /// Nothing passes; with a port, only nothing of the connections to that port.
  void block(Link link, std::optional<uint16_t> port = {}) { blocked_.insert({link, port}); }
  void unblock(Link link, std::optional<uint16_t> port = {}) { blocked_.erase({link, port}); }
  /// Everything waits until then.
  void clog(Link link, int64_t until_ns) { clogged_until_ns_[link] = until_ns; }
  void slow(Link link, const Slowness& slowness) { slow_[link] = slowness; }
  void unslow(Link link) { slow_.erase(link); }
  /// No link is blocked, clogged or slow.
  void heal();
  /// A machine without power answers nothing.
  void set_up(uint32_t machine, bool is_up);

  bool passes(Link link, uint16_t port) const;
  /// When `link` lets things pass again; in the past if it does.
  int64_t clogged_until_ns(Link link) const;

 private:
  Rng& rng_;
  NetFaults faults_;
  std::set<std::pair<Link, std::optional<uint16_t>>> blocked_;
  std::map<Link, int64_t> clogged_until_ns_;
  std::map<Link, Slowness> slow_;
  std::set<uint32_t> down_;
};

}  // namespace kt::sim
