#include "libbroker/client/topology_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kt::client {

TopologyWatch::TopologyWatch(Cluster& cluster, Options options, Updated updated)
    : cluster_(cluster), options_(options), updated_(std::move(updated)) {}

TopologyWatch::~TopologyWatch() { cluster_.loop().cancel(timer_); }

void TopologyWatch::want(const std::string& topic) {
  if (!topics_ || !topics_->insert(topic).second) return;
  asked_ms_.reset();  // a new topic need not wait
  ask_soon();
}

void TopologyWatch::want_only(std::optional<std::set<std::string>> topics) {
  if (topics == topics_) return;
  topics_ = std::move(topics);
  asked_ms_.reset();
  ask_soon();
}

void TopologyWatch::mark_stale() {
  cluster_.distrust();
  ask_soon();
}

void TopologyWatch::ask_soon() {
  is_stale_ = true;
  if (is_asking_) return;
  const int64_t now_ms = cluster_.clock().monotonic_ms();
  schedule(asked_ms_ ? std::max<int64_t>(0, *asked_ms_ + cluster_.options().retry_backoff_ms - now_ms) : 0);
}

void TopologyWatch::schedule(int64_t delay_ms) {
  cluster_.loop().cancel(timer_);
  timer_ = cluster_.loop().after(delay_ms, [this] { ask(); });
}

void TopologyWatch::ask() {
  if (topics_ && topics_->empty()) return;
  is_asking_ = true;
  is_stale_ = false;
  asked_ms_ = cluster_.clock().monotonic_ms();
  std::optional<std::vector<std::string>> names;
  if (topics_) names.emplace(topics_->begin(), topics_->end());
  cluster_.refresh(std::move(names), options_.allows_auto_creation,
                   [this, alive = std::weak_ptr(alive_)](Result<const Topology*> topology) {
                     if (alive.expired()) return;
                     on_answer(topology ? Error{} : topology.error());
                   });
}

void TopologyWatch::on_answer(const Error& error) {
  is_asking_ = false;
  if (is_stale_ || error.code != ErrorCode::none || is_incomplete()) {
    mark_stale();
  } else {
    schedule(options_.max_age_ms);
  }
  updated_(error);  // may destroy this
}

bool TopologyWatch::is_incomplete() const {
  if (!topics_) return false;
  const Topology& topology = cluster_.topology();
  return std::ranges::any_of(*topics_, [&](const std::string& name) {
    const auto found = topology.topics.find(name);
    if (found == topology.topics.end()) return true;
    if (found->second.error_code != ErrorCode::none) return is_retriable(found->second.error_code);
    return std::ranges::any_of(found->second.partitions,
                               [&](const auto& p) { return !topology.brokers.contains(p.leader_id); });
  });
}

}  // namespace kt::client
