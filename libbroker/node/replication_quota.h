#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

namespace kt::node {

/// How fast throttled replicas may be copied, on one side: the rate over the last windows, the one that has
/// just begun counting whole, against a bound, as Kafka has it [ReplicationQuotaManager, SimpleRate]. Any
/// thread. `now_ms` is of one clock.
class ReplicationQuota {
 public:
  struct Options {
    int32_t windows = 11;      // replication.quota.window.num
    int64_t window_ms = 1000;  // replication.quota.window.size.seconds
  };
  explicit ReplicationQuota(const Options& options) : options_(options) {}

  /// INT64_MAX: no bound.
  void set_bytes_per_second_max(int64_t bytes);
  void record(int64_t bytes, int64_t now_ms);
  bool is_exceeded(int64_t now_ms);

 private:
  struct Window {
    int64_t begun_ms;
    int64_t bytes;
  };
  void forget_old(int64_t now_ms);

  const Options options_;
  std::atomic<int64_t> bytes_per_second_max_ = INT64_MAX;
  std::mutex mutex_;  // guards what follows
  std::deque<Window> windows_;
};

/// Of one broker: what its leaders send, and what its followers take.
struct ReplicationQuotas {
  explicit ReplicationQuotas(const ReplicationQuota::Options& options) : leader(options), follower(options) {}
  ReplicationQuota leader;    // leader.replication.throttled.rate
  ReplicationQuota follower;  // follower.replication.throttled.rate
};

}  // namespace kt::node
