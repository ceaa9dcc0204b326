#include "libbroker/metadata/config_def.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kt::metadata {
namespace {

TEST(ConfigTables, AreSortedAndDefaultsAreValid) {
  for (const ConfigDefs defs :
       {broker_configs(), topic_configs(), group_configs(), client_metrics_configs()}) {
    EXPECT_TRUE(std::ranges::is_sorted(defs, {}, &ConfigDef::name));
    EXPECT_TRUE(std::ranges::adjacent_find(defs, {}, &ConfigDef::name) == defs.end());
    for (const ConfigDef& def : defs) {
      EXPECT_EQ(defs.find(def.name), &def);
      if (!def.fallback) continue;
      const auto value = parse_config(def, *def.fallback);
      ASSERT_TRUE(value) << value.error().message;
      EXPECT_EQ(text_of(*value), *def.fallback) << def.name;
    }
  }
  EXPECT_EQ(topic_configs().size(), 33u);
}

TEST(ConfigTables, TopicKeysNameBrokerKeysOfTheSameType) {
  for (const ConfigDef& def : topic_configs()) {
    for (const auto name : def.broker_names) {
      if (name.empty()) continue;
      const ConfigDef* broker = broker_configs().find(name);
      ASSERT_NE(broker, nullptr) << name;
      const bool in_units = name.ends_with(".hours") || name.ends_with(".minutes");
      EXPECT_TRUE(in_units || broker->type == def.type) << name;
    }
  }
}

struct Case {
  const char *key, *text, *expected;  // the value as printed, or the error sentence
};

std::string outcome(ConfigDefs defs, const Case& c) {
  const auto value = parse_config(*defs.find(c.key), c.text);
  return value ? text_of(*value).value_or("null") : value.error().message;
}

TEST(ParseConfig, TopicValuesAndKafkasSentences) {
  const Case cases[] = {
      {"retention.ms", " 007 ", "7"},
      {"retention.ms", "+5", "5"},
      {"retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG"},
      {"retention.ms", "1.5", "Invalid value 1.5 for configuration retention.ms: Not a number of type LONG"},
      {"retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"},
      {"retention.ms", "9223372036854775808",
       "Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG"},
      {"segment.bytes", "2147483648",
       "Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT"},
      {"preallocate", "TRUE", "true"},
      {"preallocate", "yes",
       "Invalid value yes for configuration preallocate: Expected value to be either true or false"},
      {"cleanup.policy", "compact , delete", "compact,delete"},
      {"cleanup.policy", "compact,foo",
       "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete"},
      {"compression.type", "lzma",
       "Invalid value lzma for configuration compression.type: String must be one of: uncompressed, zstd, "
       "lz4, "
       "snappy, gzip, producer"},
      {"compression.gzip.level", "-1", "-1"},
      {"compression.gzip.level", "0",
       "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to "
       "-1"},
      {"compression.lz4.level", "18",
       "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17"},
      {"min.cleanable.dirty.ratio", "1", "1.0"},
      {"min.cleanable.dirty.ratio", "1.5",
       "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"},
      {"min.cleanable.dirty.ratio", "-0.5",
       "Invalid value -0.5 for configuration min.cleanable.dirty.ratio: Value must be at least 0"},
      {"leader.replication.throttled.replicas", "0:1,1:2", "0:1,1:2"},
      {"leader.replication.throttled.replicas", "*", "*"},
      {"leader.replication.throttled.replicas", "0-1,x",
       "Invalid value [0-1, x] for configuration leader.replication.throttled.replicas: "
       "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following "
       "format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."},
  };
  for (const Case& c : cases) EXPECT_EQ(outcome(topic_configs(), c), c.expected) << c.key << "=" << c.text;
}

TEST(ParseConfig, BrokerValues) {
  const Case cases[] = {
      {"group.share.max.groups", "40000",
       "Invalid value 40000 for configuration group.share.max.groups: Not a number of type SHORT"},
      {"log.cleaner.io.max.bytes.per.second", "12000000", "1.2E7"},
      {"log.cleaner.io.max.bytes.per.second", "0.0001", "1.0E-4"},
      {"remote.log.metadata.manager.impl.prefix", " ",
       "Invalid value  for configuration remote.log.metadata.manager.impl.prefix: String must be non-empty"},
      {"process.roles", "broker,leader",
       "Invalid value leader for configuration process.roles: String must be one of: broker, controller"},
  };
  for (const Case& c : cases) EXPECT_EQ(outcome(broker_configs(), c), c.expected) << c.key << "=" << c.text;
}

TEST(ConfigDefs, SuggestsTheNearestKey) {
  EXPECT_EQ(broker_configs().nearest("num.partition"), "num.partitions");
  EXPECT_EQ(broker_configs().nearest("log.dir.s"), "log.dirs");
  EXPECT_EQ(topic_configs().nearest("retention.mss"), "retention.ms");
  EXPECT_EQ(topic_configs().nearest("something else entirely"), "");
}

}  // namespace
}  // namespace kt::metadata
