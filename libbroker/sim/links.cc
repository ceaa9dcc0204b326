#include "libbroker/sim/links.h"

namespace kt::sim {

int64_t Links::latency_ns(Link link) {
  const int64_t extra_ns = exponential(rng_, faults_.latency_us_mean * 1'000);
  return link.from == link.to ? 20'000 : faults_.latency_us_min * 1'000 + extra_ns;
}

void Links::heal() {
  blocked_.clear();
  clogged_until_ns_.clear();
}

void Links::set_up(uint32_t machine, bool is_up) {
  if (is_up) {
    down_.erase(machine);
  } else {
    down_.insert(machine);
  }
}

bool Links::passes(Link link, uint16_t port) const {
  if (down_.contains(link.from) || down_.contains(link.to)) return false;
  return link.from == link.to || (!blocked_.contains({link, {}}) && !blocked_.contains({link, port}));
}

int64_t Links::clogged_until_ns(Link link) const {
  const auto found = clogged_until_ns_.find(link);
  return found == clogged_until_ns_.end() ? 0 : found->second;
}

}  // namespace kt::sim
