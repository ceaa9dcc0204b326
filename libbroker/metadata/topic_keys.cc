#include "libbroker/metadata/config_def.h"

namespace kt::metadata {
namespace {

using enum ConfigType;
using enum ConfigScope;
constexpr Valid throttled_replicas{.rule = Valid::Rule::throttled_replicas};
constexpr Valid offset_reset{.rule = Valid::Rule::offset_reset};

template <class... Names>
constexpr ConfigDef given_by(ConfigDef def, Names... names) {
  def.broker_names = {names...};
  return def;
}

/// Topic keys of Kafka 4.0, and the broker keys that give their defaults (hours and minutes converted).
constexpr ConfigDef topic_rows[] = {
    given_by({"cleanup.policy", list, "delete", each_of("compact, delete")}, "log.cleanup.policy"),
    given_by({"compression.gzip.level", int32, "-1", between_or(1, 9, -1)}, "compression.gzip.level"),
    given_by({"compression.lz4.level", int32, "9", between(1, 17)}, "compression.lz4.level"),
    given_by(
        {"compression.type", string, "producer", one_of("uncompressed, zstd, lz4, snappy, gzip, producer")},
        "compression.type"),
    given_by({"compression.zstd.level", int32, "3", between(-131072, 22)}, "compression.zstd.level"),
    given_by({"delete.retention.ms", int64, "86400000", at_least(0)}, "log.cleaner.delete.retention.ms"),
    given_by({"file.delete.delay.ms", int64, "60000", at_least(0)}, "log.segment.delete.delay.ms"),
    given_by({"flush.messages", int64, "9223372036854775807", at_least(1)}, "log.flush.interval.messages"),
    given_by({"flush.ms", int64, "9223372036854775807", at_least(0)}, "log.flush.interval.ms",
             "log.flush.scheduler.interval.ms"),
    {"follower.replication.throttled.replicas", list, "", throttled_replicas},
    given_by({"index.interval.bytes", int32, "4096", at_least(0)}, "log.index.interval.bytes"),
    {"leader.replication.throttled.replicas", list, "", throttled_replicas},
    given_by({"local.retention.bytes", int64, "-2", at_least(-2)}, "log.local.retention.bytes"),
    given_by({"local.retention.ms", int64, "-2", at_least(-2)}, "log.local.retention.ms"),
    given_by({"max.compaction.lag.ms", int64, "9223372036854775807", at_least(1)},
             "log.cleaner.max.compaction.lag.ms"),
    given_by({"max.message.bytes", int32, "1048588", at_least(0)}, "message.max.bytes"),
    given_by({"message.timestamp.after.max.ms", int64, "3600000", at_least(0)},
             "log.message.timestamp.after.max.ms"),
    given_by({"message.timestamp.before.max.ms", int64, "9223372036854775807", at_least(0)},
             "log.message.timestamp.before.max.ms"),
    given_by({"message.timestamp.type", string, "CreateTime", one_of("CreateTime, LogAppendTime")},
             "log.message.timestamp.type"),
    given_by({"min.cleanable.dirty.ratio", float64, "0.5", between(0, 1)}, "log.cleaner.min.cleanable.ratio"),
    given_by({"min.compaction.lag.ms", int64, "0", at_least(0)}, "log.cleaner.min.compaction.lag.ms"),
    given_by({"min.insync.replicas", int32, "1", at_least(1)}, "min.insync.replicas"),
    given_by({"preallocate", boolean, "false"}, "log.preallocate"),
    {"remote.log.copy.disable", boolean, "false"},
    {"remote.log.delete.on.disable", boolean, "false"},
    {"remote.storage.enable", boolean, "false"},
    given_by({"retention.bytes", int64, "-1"}, "log.retention.bytes"),
    given_by({"retention.ms", int64, "604800000", at_least(-1)}, "log.retention.ms", "log.retention.minutes",
             "log.retention.hours"),
    given_by({"segment.bytes", int32, "1073741824", at_least(14)}, "log.segment.bytes"),
    given_by({"segment.index.bytes", int32, "10485760", at_least(4)}, "log.index.size.max.bytes"),
    given_by({"segment.jitter.ms", int64, "0", at_least(0)}, "log.roll.jitter.ms", "log.roll.jitter.hours"),
    given_by({"segment.ms", int64, "604800000", at_least(1)}, "log.roll.ms", "log.roll.hours"),
    given_by({"unclean.leader.election.enable", boolean, "false"}, "unclean.leader.election.enable"),
};

/// Group keys of Kafka 4.0; the broker's group.* keys give their defaults.
constexpr ConfigDef group_rows[] = {
    given_by({"consumer.heartbeat.interval.ms", int32, "5000", at_least(1)},
             "group.consumer.heartbeat.interval.ms"),
    given_by({"consumer.session.timeout.ms", int32, "45000", at_least(1)},
             "group.consumer.session.timeout.ms"),
    {"share.auto.offset.reset", string, "latest", offset_reset},
    given_by({"share.heartbeat.interval.ms", int32, "5000", at_least(1)},
             "group.share.heartbeat.interval.ms"),
    given_by({"share.record.lock.duration.ms", int32, "30000", at_least(1000)},
             "group.share.record.lock.duration.ms"),
    given_by({"share.session.timeout.ms", int32, "45000", at_least(1)}, "group.share.session.timeout.ms"),
};

/// Keys of a client metrics subscription (KIP-714).
constexpr ConfigDef client_metrics_rows[] = {
    {"interval.ms", int32, "300000"},
    {"match", list, ""},
    {"metrics", list, ""},
};

}  // namespace

ConfigDefs topic_configs() { return ConfigDefs(topic_rows); }
ConfigDefs group_configs() { return ConfigDefs(group_rows); }
ConfigDefs client_metrics_configs() { return ConfigDefs(client_metrics_rows); }

}  // namespace kt::metadata
