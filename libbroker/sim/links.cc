#include "libbroker/sim/links.h"

namespace kt::sim {

int64_t Links::latency_ns(Link link) {
  const int64_t extra_ns = exponential(rng_, faults_.latency_us_mean * 1'000);
  if (link.from == link.to) return 20'000;
  const int64_t usual_ns = faults_.latency_us_min * 1'000 + extra_ns;
  if (slow_.empty()) return usual_ns;
  const auto slow = slow_.find(link);
  return slow == slow_.end() ? usual_ns : usual_ns + exponential(rng_, slow->second.extra_us_mean * 1'000);
}

bool Links::loses(Link link) {
  const bool is_lost = faults_.loss.roll(rng_);
  if (slow_.empty()) return is_lost;
  const auto slow = slow_.find(link);
  return slow == slow_.end() ? is_lost : slow->second.loss.roll(rng_) || is_lost;
}

void Links::heal() {
  blocked_.clear();
  clogged_until_ns_.clear();
  slow_.clear();
}

void Links::set_up(uint32_t machine, bool is_up) {
  if (is_up) {
    down_.erase(machine);
  } else {
    down_.insert(machine);
  }
}

bool Links::passes(Link link, uint16_t port) const {
  if (!down_.empty() && (down_.contains(link.from) || down_.contains(link.to))) return false;
  return link.from == link.to || blocked_.empty() ||
         (!blocked_.contains({link, {}}) && !blocked_.contains({link, port}));
}

int64_t Links::clogged_until_ns(Link link) const {
  if (clogged_until_ns_.empty()) return 0;
  const auto found = clogged_until_ns_.find(link);
  return found == clogged_until_ns_.end() ? 0 : found->second;
}

}  // namespace kt::sim
