#include "libbroker/sim/broker/draw.h"

#include <algorithm>

#include "libbroker/sim/chance.h"

namespace kt::sim {
namespace {

constexpr int32_t partitions_max = 3;  // of a topic

/// What so many bytes need when nothing is lost: a round trip for each window, of whose segments the latest
/// counts.
int64_t transfer_ms(const NetFaults& net, int64_t bytes) {
  const int64_t round_trip_us = 2 * (net.latency_us_min + 2 * net.latency_us_mean);
  return (1 + bytes / net.window_bytes) * round_trip_us / 1'000;
}

metadata::ConfigMap draw_topic_configs(const WorkloadOptions& workload, Rng& rng) {
  // A batch that no segment may hold would be refused.
  const int64_t batch_bytes_max = workload.producer_batch_bytes + workload.record_bytes_max + 200;
  return {{"segment.bytes", std::to_string(std::max(int64_t{1'000} << between(rng, 0, 5), batch_bytes_max))},
          {"index.interval.bytes", std::to_string(rng.below(2'000))},
          {"segment.index.bytes", std::to_string(64 << between(rng, 0, 5))},
          {"file.delete.delay.ms", std::to_string(between(rng, 0, 3'000))}};
}

void add_cluster_properties(uint32_t replicas, metadata::ConfigMap& properties, Rng& rng) {
  properties["default.replication.factor"] = std::to_string(replicas);
  properties["offsets.topic.replication.factor"] = std::to_string(replicas);
  properties["min.insync.replicas"] = std::to_string(replicas / 2 + 1);
  properties["replica.lag.time.max.ms"] = std::to_string(between(rng, 1'000, 10'000));
  properties["replica.fetch.wait.max.ms"] = std::to_string(between(rng, 50, 500));
  properties["broker.heartbeat.interval.ms"] = std::to_string(between(rng, 200, 1'000));
  properties["broker.session.timeout.ms"] = std::to_string(between(rng, 4'000, 9'000));
  properties["leader.imbalance.check.interval.seconds"] = std::to_string(between(rng, 5, 60));
}

}  // namespace

WorldOptions draw_options(Profile profile, Rng& rng) {
  WorldOptions options = draw_world(rng);
  options.machine.loops = 1 + static_cast<size_t>(between(rng, 1, 2));
  options.restart_ms = between(rng, 100, 1'000);
  // A broker must be able to keep its session, or nothing ever is in sync.
  options.net.loss = std::min(options.net.loss, Chance{30'000});
  options.net.window_bytes = std::max<uint32_t>(options.net.window_bytes, 1 << 14);
  // In crumbs a run is nothing but arrivals; some are.
  const uint32_t least = rng.below(8) == 0 ? 1 << 7 : 1 << 11;
  options.net.chunk_bytes_max = std::max(options.net.chunk_bytes_max, least);
  if (profile == Profile::quiet) options.net.loss = options.net.reset = options.net.zombie = never;
  return options;
}

WorkloadOptions draw_workload(const NetFaults& net, Rng& rng) {
  WorkloadOptions options;
  options.burst_pause_ms_mean = 300 * (int64_t{1} << between(rng, 0, 2));
  options.burst_records_max = 1u << between(rng, 0, 4);
  options.record_bytes_max = 1u << between(rng, 5, 10);
  options.producer_batch_bytes = 1 << between(rng, 8, 13);
  options.request_timeout_ms = 1'000 * between(rng, 1, 5);
  options.commit_interval_ms = 100 * (int64_t{1} << between(rng, 0, 3));
  options.session_timeout_ms = static_cast<int32_t>(1'000 * between(rng, 2, 6));
  options.codec = static_cast<uint32_t>(rng.below(5));
  // A client that gives up before a whole answer has come asks for the same again, for ever.
  options.request_timeout_ms = std::max(options.request_timeout_ms,
                                        transfer_ms(net, int64_t{partitions_max} * options.fetch_bytes_max));
  return options;
}

std::vector<WorkloadTopic> draw_topics(const WorkloadOptions& workload, Rng& rng) {
  std::vector<WorkloadTopic> topics;
  topics.push_back({.name = "plain",
                    .partitions = static_cast<int32_t>(between(rng, 1, partitions_max)),
                    .configs = draw_topic_configs(workload, rng)});
  topics.push_back({.name = "table",
                    .configs = draw_topic_configs(workload, rng),
                    .record_keys = static_cast<uint32_t>(between(rng, 1, 20))});
  topics.back().configs.insert(
      {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0.1"}, {"segment.ms", "2000"}});
  topics.back().promises.is_compacted = true;
  topics.push_back({.name = "short", .configs = draw_topic_configs(workload, rng), .is_retained = true});
  topics.back().configs.insert({"retention.bytes", std::to_string(between(rng, 5'000, 50'000))});
  topics.back().promises.is_compacted = true;  // old records go: the final reader checks which
  return topics;
}

metadata::ConfigMap draw_properties(Profile profile, const WorldOptions& world, uint32_t replicas, Rng& rng) {
  metadata::ConfigMap properties;
  properties["kt.io.threads"] = std::to_string(world.machine.loops - 1);
  properties["auto.create.topics.enable"] = "false";
  properties["offsets.topic.num.partitions"] = std::to_string(between(rng, 1, 3));
  properties["offsets.topic.segment.bytes"] = std::to_string(1'000 << between(rng, 0, 8));
  properties["metadata.log.segment.bytes"] = std::to_string(1'000 << between(rng, 0, 8));
  properties["metadata.log.max.record.bytes.between.snapshots"] = std::to_string(2'000 << between(rng, 0, 8));
  properties["metadata.max.retention.bytes"] = std::to_string(4'000 << between(rng, 0, 8));
  properties["log.retention.check.interval.ms"] = std::to_string(between(rng, 200, 5'000));
  properties["log.cleaner.backoff.ms"] = std::to_string(100 << between(rng, 0, 5));
  const std::string checkpoint_ms = std::to_string(between(rng, 100, 5'000));
  properties["replica.high.watermark.checkpoint.interval.ms"] = checkpoint_ms;
  properties["log.flush.offset.checkpoint.interval.ms"] = checkpoint_ms;
  properties["log.flush.start.offset.checkpoint.interval.ms"] = checkpoint_ms;
  properties["group.initial.rebalance.delay.ms"] = std::to_string(between(rng, 0, 500));
  properties["group.min.session.timeout.ms"] = "1000";
  if (flushes_every_batch(profile)) properties["log.flush.interval.messages"] = "1";
  if (replicas > 1) add_cluster_properties(replicas, properties, rng);
  return properties;
}

}  // namespace kt::sim
