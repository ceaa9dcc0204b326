#pragma once
#include <cstdint>
#include <limits>

namespace kt::log {

/// What a topic's configuration means to its logs; names and defaults are Kafka's. -1 as a retention: no
/// limit.
struct LogConfig {
  uint32_t segment_bytes = 1 << 30;
  int64_t segment_ms = 7 * 24 * 3'600'000ll;
  int64_t segment_jitter_ms = 0;
  uint32_t segment_index_bytes = 10 << 20;
  uint32_t index_interval_bytes = 4096;

  bool cleanup_delete = true;  // cleanup.policy
  bool cleanup_compact = false;
  int64_t retention_ms = 7 * 24 * 3'600'000ll;
  int64_t retention_bytes = -1;
  int64_t file_delete_delay_ms = 60'000;
  int64_t delete_retention_ms = 24 * 3'600'000ll;
  double min_cleanable_dirty_ratio = 0.5;
  int64_t min_compaction_lag_ms = 0;
  int64_t max_compaction_lag_ms = std::numeric_limits<int64_t>::max();

  int64_t flush_messages = std::numeric_limits<int64_t>::max();  // 1: nothing counts before it is flushed
  int64_t flush_ms = std::numeric_limits<int64_t>::max();
  bool log_append_time = false;                          // message.timestamp.type
  int64_t producer_id_expiration_ms = 24 * 3'600'000ll;  // the broker's, not the topic's

  uint64_t tail_bytes_max = 4 << 20;  // of the newest batches kept in memory for readers

  bool flushes_every_batch() const { return flush_messages <= 1; }
};

}  // namespace kt::log
