#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libbroker/metadata/config_layers.h"

namespace kt::metadata {

enum class TimestampType : int8_t { create_time = 0, log_append_time = 1 };
enum class CompressionType : int8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4, producer = 127 };

/// What a topic's logs go by, computed once per change: its own configuration over its broker's.
struct TopicConfig {
  bool compact = false;
  bool remove = true;  // cleanup.policy has "delete"
  CompressionType compression = CompressionType::producer;
  int32_t gzip_level = -1, lz4_level = 9, zstd_level = 3;
  int64_t delete_retention_ms = 86'400'000;
  int64_t file_delete_delay_ms = 60'000;
  int64_t flush_messages = INT64_MAX;
  int64_t flush_ms = INT64_MAX;
  int32_t index_interval_bytes = 4096;
  int32_t index_bytes_max = 10 << 20;
  int64_t local_retention_bytes = -1, local_retention_ms = 604'800'000;
  int64_t compaction_lag_ms_min = 0, compaction_lag_ms_max = INT64_MAX;
  int32_t message_bytes_max = 1'048'588;
  TimestampType timestamp_type = TimestampType::create_time;
  int64_t timestamp_before_ms_max = INT64_MAX, timestamp_after_ms_max = 3'600'000;
  double cleanable_dirty_ratio_min = 0.5;
  int32_t min_insync_replicas = 1;
  bool preallocate = false;
  int64_t retention_bytes = -1;        // -1: no limit
  int64_t retention_ms = 604'800'000;  // -1: no limit
  int32_t segment_bytes = 1 << 30;
  int64_t segment_ms = 604'800'000, segment_jitter_ms = 0;
  bool unclean_leader_election = false;
  std::vector<std::string> leader_throttled_replicas, follower_throttled_replicas;

  bool operator==(const TopicConfig&) const = default;
  static TopicConfig from(const ConfigMap& overrides, const BrokerLayers& broker);
};

}  // namespace kt::metadata
