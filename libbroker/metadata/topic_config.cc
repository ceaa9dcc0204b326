#include "libbroker/metadata/topic_config.h"

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::metadata {
namespace {

/// Reads typed values in effect; a name or type that the table does not have is our mistake.
class Reader {
 public:
  Reader(const ConfigMap& overrides, const BrokerLayers& broker) : overrides_(overrides), broker_(broker) {}

  void read(std::string_view name, int64_t& out) const { out = std::get<int64_t>(value(name)); }
  void read(std::string_view name, int32_t& out) const {
    out = static_cast<int32_t>(std::get<int64_t>(value(name)));
  }
  void read(std::string_view name, bool& out) const { out = std::get<bool>(value(name)); }
  void read(std::string_view name, double& out) const { out = std::get<double>(value(name)); }
  std::string word(std::string_view name) const { return std::get<std::string>(value(name)); }
  std::vector<std::string> list(std::string_view name) const {
    return std::get<std::vector<std::string>>(value(name));
  }

 private:
  ConfigValue value(std::string_view name) const {
    const ConfigDef* def = topic_configs().find(name);
    KT_ASSERT(def);
    return resolve_topic_config(*def, overrides_, broker_).value;
  }

  const ConfigMap& overrides_;
  const BrokerLayers& broker_;
};

CompressionType compression_of(std::string_view word) {
  constexpr std::pair<std::string_view, CompressionType> types[] = {
      {"uncompressed", CompressionType::none}, {"gzip", CompressionType::gzip},
      {"snappy", CompressionType::snappy},     {"lz4", CompressionType::lz4},
      {"zstd", CompressionType::zstd},         {"producer", CompressionType::producer},
  };
  for (const auto& [name, type] : types)
    if (name == word) return type;
  return CompressionType::producer;
}

void read_compression(const Reader& in, TopicConfig& out) {
  out.compression = compression_of(in.word("compression.type"));
  in.read("compression.gzip.level", out.gzip_level);
  in.read("compression.lz4.level", out.lz4_level);
  in.read("compression.zstd.level", out.zstd_level);
}

void read_cleaning(const Reader& in, TopicConfig& out) {
  const std::vector<std::string> policy = in.list("cleanup.policy");
  out.compact = std::ranges::count(policy, "compact") > 0;
  out.remove = std::ranges::count(policy, "delete") > 0;
  in.read("delete.retention.ms", out.delete_retention_ms);
  in.read("min.compaction.lag.ms", out.compaction_lag_ms_min);
  in.read("max.compaction.lag.ms", out.compaction_lag_ms_max);
  in.read("min.cleanable.dirty.ratio", out.cleanable_dirty_ratio_min);
}

void read_retention(const Reader& in, TopicConfig& out) {
  in.read("retention.bytes", out.retention_bytes);
  in.read("retention.ms", out.retention_ms);
  in.read("local.retention.bytes", out.local_retention_bytes);
  in.read("local.retention.ms", out.local_retention_ms);
  if (out.retention_ms < 0) out.retention_ms = -1;  // a broker's -5 hours mean no limit, too
  if (out.local_retention_bytes == -2) out.local_retention_bytes = out.retention_bytes;
  if (out.local_retention_ms == -2) out.local_retention_ms = out.retention_ms;
}

void read_segments(const Reader& in, TopicConfig& out) {
  in.read("segment.bytes", out.segment_bytes);
  in.read("segment.ms", out.segment_ms);
  in.read("segment.jitter.ms", out.segment_jitter_ms);
  in.read("segment.index.bytes", out.index_bytes_max);
  in.read("index.interval.bytes", out.index_interval_bytes);
  in.read("file.delete.delay.ms", out.file_delete_delay_ms);
  in.read("flush.messages", out.flush_messages);
  in.read("flush.ms", out.flush_ms);
  in.read("preallocate", out.preallocate);
}

}  // namespace

TopicConfig TopicConfig::from(const ConfigMap& overrides, const BrokerLayers& broker) {
  const Reader in(overrides, broker);
  TopicConfig out;
  read_compression(in, out);
  read_cleaning(in, out);
  read_retention(in, out);
  read_segments(in, out);
  in.read("max.message.bytes", out.message_bytes_max);
  out.timestamp_type = in.word("message.timestamp.type") == "LogAppendTime" ? TimestampType::log_append_time
                                                                            : TimestampType::create_time;
  in.read("message.timestamp.before.max.ms", out.timestamp_before_ms_max);
  in.read("message.timestamp.after.max.ms", out.timestamp_after_ms_max);
  in.read("min.insync.replicas", out.min_insync_replicas);
  in.read("unclean.leader.election.enable", out.unclean_leader_election);
  out.leader_throttled_replicas = in.list("leader.replication.throttled.replicas");
  out.follower_throttled_replicas = in.list("follower.replication.throttled.replicas");
  return out;
}

}  // namespace kt::metadata
