#include "libbroker/node/replication_quota.h"

#include <algorithm>

namespace kt::node {

void ReplicationQuota::set_bytes_per_second_max(int64_t bytes) { bytes_per_second_max_ = bytes; }

void ReplicationQuota::forget_old(int64_t now_ms) {
  while (!windows_.empty() && now_ms - windows_.front().begun_ms >= options_.windows * options_.window_ms)
    windows_.pop_front();
}

void ReplicationQuota::record(int64_t bytes, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  forget_old(now_ms);
  if (windows_.empty() || now_ms - windows_.back().begun_ms >= options_.window_ms)
    windows_.push_back({now_ms, 0});
  windows_.back().bytes += bytes;
}

bool ReplicationQuota::is_exceeded(int64_t now_ms) {
  const int64_t bytes_per_second_max = bytes_per_second_max_;
  if (bytes_per_second_max == INT64_MAX) return false;
  const std::lock_guard lock(mutex_);
  forget_old(now_ms);
  if (windows_.empty()) return false;
  int64_t bytes = 0;
  for (const Window& window : windows_) bytes += window.bytes;
  const int64_t elapsed_ms = std::max(now_ms - windows_.front().begun_ms, options_.window_ms);
  return static_cast<double>(bytes) * 1000 >
         static_cast<double>(bytes_per_second_max) * static_cast<double>(elapsed_ms);
}

}  // namespace kt::node
