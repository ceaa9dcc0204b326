#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "libbroker/base/clock.h"

namespace kt::node {

/// Brokers whose connection has ended and where nobody listens: dead, though the metadata does not say so
/// yet. Clients are told that what these lead has no leader, and ask again, instead of being sent there. Any
/// thread.
class LostBrokers {
 public:
  /// After so long the metadata counts alone: the controller would have fenced who is dead, and if there is
  /// no controller, partitions are shown as the last one left them.
  static constexpr int64_t lost_ms_max = 1'000;

  explicit LostBrokers(Clock& clock) : clock_(clock) {}

  void lose(int32_t broker) {
    const std::lock_guard lock(mutex_);
    since_ms_.try_emplace(broker, clock_.monotonic_ms());
    count_.store(since_ms_.size(), std::memory_order_relaxed);
  }
  /// It answers, or does in a way that says nothing, or the metadata says what became of it.
  void forget(int32_t broker) {
    if (count_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    since_ms_.erase(broker);
    count_.store(since_ms_.size(), std::memory_order_relaxed);
  }
  bool has(int32_t broker) const {
    if (count_.load(std::memory_order_relaxed) == 0) return false;
    const std::lock_guard lock(mutex_);
    const auto lost = since_ms_.find(broker);
    return lost != since_ms_.end() && clock_.monotonic_ms() - lost->second < lost_ms_max;
  }

 private:
  Clock& clock_;
  std::atomic<size_t> count_ = 0;  // of them; so long as there are none, to ask costs nothing
  mutable std::mutex mutex_;
  std::map<int32_t, int64_t> since_ms_;
};

}  // namespace kt::node
