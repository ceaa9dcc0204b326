#include "libbroker/metadata/config_layers.h"

#include <gtest/gtest.h>

#include "libbroker/metadata/config_validation.h"
#include "libbroker/metadata/describe_configs.h"
#include "libbroker/metadata/topic_config.h"

namespace kt::metadata {
namespace {

struct Maps {
  ConfigMap dynamic_broker, dynamic_default, static_broker;
  BrokerLayers layers() const { return {dynamic_broker, dynamic_default, static_broker}; }
};

std::string resolved(const char* key, const ConfigMap& overrides, const Maps& maps) {
  const auto r = resolve_topic_config(*topic_configs().find(key), overrides, maps.layers());
  return text_of(r.value).value_or("null") + "/" + std::to_string(static_cast<int>(r.source));
}

TEST(ResolveTopicConfig, StrongestLayerWins) {
  Maps maps;
  ConfigMap overrides;
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "604800000/5");
  maps.static_broker["log.retention.hours"] = "2";
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "7200000/4");
  maps.static_broker["log.retention.minutes"] = "3";
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "180000/4");
  maps.static_broker["log.retention.ms"] = "4";
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "4/4");
  maps.dynamic_default["log.retention.ms"] = "5";
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "5/3");
  maps.dynamic_broker["log.retention.ms"] = "6";
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "6/2");
  overrides["retention.ms"] = "7";
  EXPECT_EQ(resolved("retention.ms", overrides, maps), "7/1");
}

TEST(ResolveTopicConfig, WhatCannotBeParsedCountsAsNotSet) {
  Maps maps;
  maps.static_broker["log.roll.hours"] = "1";
  EXPECT_EQ(resolved("segment.ms", {{"segment.ms", "soon"}}, maps), "3600000/4");
}

TEST(TopicConfig, DefaultsAreTheTablesDefaults) {
  EXPECT_EQ(TopicConfig::from({}, Maps{}.layers()), TopicConfig{});
}

TEST(ResolveTopicConfig, NoLimitInHoursIsNoLimitInMs) {
  Maps maps;
  maps.static_broker["log.retention.hours"] = "-1";
  const auto resolved = resolve_topic_config(*topic_configs().find("retention.ms"), {}, maps.layers());
  EXPECT_EQ(std::get<int64_t>(resolved.value), -1);
}

TEST(TopicConfig, TakesEveryKindOfValue) {
  Maps maps;
  maps.static_broker = {{"log.retention.hours", "-1"}, {"message.max.bytes", "100"}};
  const auto config = TopicConfig::from({{"cleanup.policy", "compact"},
                                         {"compression.type", "zstd"},
                                         {"message.timestamp.type", "LogAppendTime"},
                                         {"min.cleanable.dirty.ratio", "0.1"},
                                         {"unclean.leader.election.enable", "true"},
                                         {"follower.replication.throttled.replicas", "0:1,1:1"}},
                                        maps.layers());
  EXPECT_TRUE(config.compact);
  EXPECT_FALSE(config.remove);
  EXPECT_EQ(config.compression, CompressionType::zstd);
  EXPECT_EQ(config.timestamp_type, TimestampType::log_append_time);
  EXPECT_EQ(config.cleanable_dirty_ratio_min, 0.1);
  EXPECT_TRUE(config.unclean_leader_election);
  EXPECT_EQ(config.retention_ms, -1);
  EXPECT_EQ(config.local_retention_ms, -1);
  EXPECT_EQ(config.message_bytes_max, 100);
  EXPECT_EQ(config.follower_throttled_replicas, (std::vector<std::string>{"0:1", "1:1"}));
}

std::string verdict(const Result<void>& result) { return result ? "ok" : result.error().message; }

TEST(ValidateTopicConfigs, NamesValuesAndTheirRelations) {
  const Maps maps;
  const auto check = [&](ConfigMap configs) {
    return verdict(validate_topic_configs(configs, maps.layers()));
  };
  EXPECT_EQ(check({{"retention.ms", "1"}}), "ok");
  EXPECT_EQ(check({{"foo", "1"}, {"retention.ms", "x"}}), "Unknown topic config name: foo");
  EXPECT_EQ(check({{"retention.ms", "x"}}),
            "Invalid value x for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(check({{"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "5"}}),
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)");
  EXPECT_EQ(check({{"remote.storage.enable", "true"}}),
            "Tiered Storage functionality is disabled in the broker. "
            "Topic cannot be configured with remote log storage.");
}

TEST(ValidateGroupConfigs, BrokerSetsTheBounds) {
  Maps maps;
  const auto check = [&](ConfigMap configs) {
    return verdict(validate_group_configs(configs, maps.layers()));
  };
  EXPECT_EQ(check({{"consumer.session.timeout.ms", "50000"}}), "ok");
  EXPECT_EQ(check({{"x", "1"}}), "Unknown group config name: x");
  EXPECT_EQ(
      check({{"consumer.session.timeout.ms", "60001"}}),
      "consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms");
  EXPECT_EQ(
      check({{"share.heartbeat.interval.ms", "1"}}),
      "share.heartbeat.interval.ms must be greater than or equal to group.share.min.heartbeat.interval.ms");
  maps.static_broker = {{"group.consumer.max.heartbeat.interval.ms", "60000"}};
  EXPECT_EQ(check({{"consumer.heartbeat.interval.ms", "45000"}}),
            "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms");
}

TEST(ValidateClientMetricsConfigs, NamesIntervalsAndPatterns) {
  const auto check = [](ConfigMap configs) { return verdict(validate_client_metrics_configs("s", configs)); };
  EXPECT_EQ(check({{"interval.ms", "100"}, {"metrics", "org.apache.kafka."}, {"match", "client_id=a.*"}}),
            "ok");
  EXPECT_EQ(check({{"interval.ms", "99"}}),
            "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)");
  EXPECT_EQ(check({{"match", "colour=red"}}), "Illegal client matching pattern: colour=red");
  EXPECT_EQ(check({{"x", ""}}), "Unknown client metrics configuration: x");
  EXPECT_EQ(verdict(validate_client_metrics_configs("", {})), "Subscription name can't be empty");
}

TEST(ValidateDynamicBrokerConfigs, ScopesAndTypes) {
  const auto check = [&](ConfigMap configs, DynamicScope scope) {
    return verdict(validate_dynamic_broker_configs(configs, scope));
  };
  using enum DynamicScope;
  EXPECT_EQ(check({{"log.retention.ms", "1"}}, every_broker), "ok");
  EXPECT_EQ(check({{"node.id", "1"}}, one_broker), "Cannot update these configs dynamically: Set(node.id)");
  EXPECT_EQ(check({{"a.plugin.of.mine", "1"}}, every_broker), "ok");
  EXPECT_EQ(check({{"log.retention.ms", "0"}}, one_broker),
            "Invalid value java.lang.IllegalArgumentException: requirement failed: log.retention.ms must be "
            "unlimited (-1) or, greater than or equal to 1 for configuration Invalid dynamic configuration");
  EXPECT_EQ(check({{"ssl.keystore.location", "f"}}, one_broker),
            "These security configs can be dynamically updated only per-listener using the listener prefix: "
            "Set(ssl.keystore.location)");
  EXPECT_EQ(check({{"listener.name.internal.ssl.keystore.location", "f"}}, one_broker), "ok");
  EXPECT_EQ(check({{"listener.name.internal.scram-sha-256.sasl.jaas.config", "f"}}, one_broker), "ok");
  EXPECT_EQ(
      check({{"listeners", "PLAINTEXT://:1"}}, every_broker),
      "Cannot update these configs at default cluster level, broker id must be specified: Set(listeners)");
  EXPECT_EQ(check({{"max.connections", "x"}}, one_broker),
            "Invalid value x for configuration max.connections: Not a number of type INT");
  EXPECT_EQ(check({{"num.io.threads", "0"}}, one_broker),
            "Invalid value 0 for configuration num.io.threads: Value must be at least 1");
  EXPECT_EQ(check({{"num.io.threads", "100"}}, one_broker), "ok");
}

TEST(ValidateThreadCount, AtMostHalvesOrDoublesWhatIsInEffect) {
  Maps maps;
  const auto check = [&](std::string_view text) {
    return verdict(validate_thread_count("num.io.threads", text, maps.layers()));
  };
  EXPECT_EQ(
      check("17"),
      "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation "
      "failed for num.io.threads=17, value should not be greater than double the current value 8 for "
      "configuration Invalid dynamic configuration");
  EXPECT_EQ(
      check("3"),
      "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation "
      "failed for num.io.threads=3, value should be at least half the current value 8 for configuration "
      "Invalid dynamic configuration");
  EXPECT_EQ(check("4"), "ok");
  EXPECT_EQ(verdict(validate_thread_count("max.connections", "1000", maps.layers())), "ok");
  maps.dynamic_broker = {{"num.io.threads", "16"}};
  EXPECT_EQ(check("32"), "ok");
}

TEST(ValidateTopicName, KafkasSentences) {
  EXPECT_EQ(verdict(validate_topic_name("a.b_c-9Z")), "ok");
  EXPECT_EQ(verdict(validate_topic_name("")), "Topic name is invalid: the empty string is not allowed");
  EXPECT_EQ(verdict(validate_topic_name(".")), "Topic name is invalid: '.' is not allowed");
  EXPECT_EQ(verdict(validate_topic_name("..")), "Topic name is invalid: '..' is not allowed");
  EXPECT_EQ(
      verdict(validate_topic_name("a b")),
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' "
      "and '-'");
  const std::string longest(249, 'x');
  EXPECT_EQ(verdict(validate_topic_name(longest)), "ok");
  EXPECT_EQ(verdict(validate_topic_name(longest + "x")), "Topic name is invalid: the length of '" + longest +
                                                             "x' is longer than the max allowed length 249");
}

/// "value source [name=value/source ...]"
std::string line(const ConfigEntries& entries, std::string_view name) {
  for (const auto& entry : entries) {
    if (entry.name != name) continue;
    std::string out = entry.value.value_or("null") + " " + std::to_string(entry.config_source);
    for (const auto& s : entry.synonyms)
      out += " " + s.name + "=" + s.value.value_or("null") + "/" + std::to_string(s.source);
    return out + (entry.is_sensitive ? " sensitive" : "") + (entry.read_only ? " read-only" : "");
  }
  return "absent";
}

const std::optional<std::vector<std::string>> all_keys;

TEST(DescribeConfigs, TopicEntriesHaveSourcesAndSynonyms) {
  Maps maps;
  maps.static_broker = {{"log.segment.bytes", "2097152"}, {"log.retention.hours", "48"}};
  const auto entries = describe_topic({all_keys, true}, {{"segment.bytes", "1000"}}, maps.layers());
  EXPECT_EQ(entries.size(), 33u);
  EXPECT_EQ(line(entries, "segment.bytes"),
            "1000 1 segment.bytes=1000/1 log.segment.bytes=2097152/4 log.segment.bytes=1073741824/5");
  EXPECT_EQ(line(entries, "retention.ms"), "172800000 5");  // as Kafka: hours are not mentioned
  EXPECT_EQ(line(entries, "remote.storage.enable"), "false 5");
  EXPECT_EQ(
      line(describe_topic({all_keys, false}, {{"segment.bytes", "1000"}}, maps.layers()), "segment.bytes"),
      "1000 1");
}

TEST(DescribeConfigs, OnlyTheKeysAskedFor) {
  const std::optional<std::vector<std::string>> keys = {{"retention.ms", "nonsense"}};
  EXPECT_EQ(describe_topic({keys, true}, {}, Maps{}.layers()).size(), 1u);
}

TEST(DescribeConfigs, BrokerEntriesHideSecretsAndUnknownKeys) {
  Maps maps;
  maps.static_broker = {{"ssl.key.password", "p"}, {"my.plugin", "x"}, {"log.retention.hours", "48"}};
  maps.dynamic_default = {{"max.connections", "7"}};
  const auto entries = describe_broker({all_keys, true}, maps.layers());
  EXPECT_EQ(line(entries, "ssl.key.password"), "null 4 ssl.key.password=null/4 sensitive");
  EXPECT_EQ(line(entries, "my.plugin"), "null 4 my.plugin=null/4 sensitive read-only");
  EXPECT_EQ(line(entries, "max.connections"), "7 3 max.connections=7/3 max.connections=2147483647/5");
  EXPECT_EQ(line(entries, "log.retention.ms"), "null 5");
  EXPECT_EQ(line(entries, "log.retention.hours"),
            "48 4 log.retention.hours=48/4 log.retention.hours=168/5 read-only");
  EXPECT_EQ(line(entries, "group.share.enable"), "absent");
}

TEST(DescribeConfigs, NodeIdAndBrokerIdAreSetByEachOther) {
  Maps maps;
  maps.static_broker = {{"node.id", "3"}};
  const auto entries = describe_broker({all_keys, true}, maps.layers());
  EXPECT_EQ(line(entries, "broker.id"), "3 4 broker.id=3/4 broker.id=-1/5 read-only");
  EXPECT_EQ(line(entries, "node.id"), "3 4 node.id=3/4 read-only");
}

TEST(DescribeConfigs, ClusterDefaultsGroupsAndClientMetrics) {
  Maps maps;
  maps.dynamic_default = {{"log.retention.ms", "7"}};
  maps.dynamic_broker = {{"log.retention.ms", "8"}};
  EXPECT_EQ(line(describe_broker_default({all_keys, true}, maps.layers()), "log.retention.ms"),
            "7 3 log.retention.ms=7/3");
  const auto group =
      describe_group({all_keys, true}, {{"consumer.session.timeout.ms", "50000"}}, maps.layers());
  EXPECT_EQ(line(group, "consumer.session.timeout.ms"), "50000 8 consumer.session.timeout.ms=50000/8");
  EXPECT_EQ(line(group, "consumer.heartbeat.interval.ms"), "5000 5 consumer.heartbeat.interval.ms=5000/5");
  EXPECT_EQ(line(describe_client_metrics({all_keys, true}, {{"interval.ms", "100"}}), "interval.ms"),
            "100 7 interval.ms=100/7");
}

}  // namespace
}  // namespace kt::metadata
