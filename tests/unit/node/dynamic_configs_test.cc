// Broker configuration changed while it runs: in effect at once, still there after a restart, and described
// as Kafka does (KIP-226; semantics K10).
#include <gtest/gtest.h>

#include <algorithm>

#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/02_list_offsets.h"
#include "libbroker/wire/32_describe_configs.h"
#include "libbroker/wire/44_incremental_alter_configs.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

constexpr int8_t of_topic = 2, of_broker = 4;
constexpr int8_t set = 0, remove_it = 1;
constexpr int8_t from_topic = 1, from_this_broker = 2, from_all_brokers = 3, from_file = 4, from_default = 5;

class DynamicConfigs : public testing::Test {
 protected:
  DynamicConfigs() { EXPECT_TRUE(node.start()); }

  Error alter(int8_t type, const std::string& resource, const std::string& key,
              std::optional<std::string> value, int8_t operation = set) {
    wire::IncrementalAlterConfigsRequest request;
    auto& asked = request.resources.emplace_back();
    asked.resource_type = type;
    asked.resource_name = resource;
    asked.configs.push_back({.name = key, .config_operation = operation, .value = std::move(value)});
    const auto result = node.ask<wire::IncrementalAlterConfigsResponse>(request).responses.at(0);
    return {result.error_code, result.error_message.value_or("")};
  }
  void set_broker(const std::string& resource, const std::string& key, const std::string& value) {
    const Error error = alter(of_broker, resource, key, value);
    EXPECT_EQ(error.code, ErrorCode::none) << error.message;
  }
  wire::DescribeConfigsResponse::DescribeConfigsResourceResult described(int8_t type,
                                                                         const std::string& resource,
                                                                         const std::string& key) {
    wire::DescribeConfigsRequest request;
    auto& asked = request.resources.emplace_back();
    asked.resource_type = type;
    asked.resource_name = resource;
    asked.configuration_keys.emplace().push_back(key);
    request.include_synonyms = true;
    const auto result = node.ask<wire::DescribeConfigsResponse>(request).results.at(0);
    EXPECT_EQ(result.error_code, ErrorCode::none) << result.error_message.value_or("");
    EXPECT_EQ(result.configs.size(), 1u);
    return result.configs.empty() ? wire::DescribeConfigsResponse::DescribeConfigsResourceResult{}
                                  : result.configs[0];
  }
  /// "value source: synonym=value source, ..."
  std::string text(int8_t type, const std::string& resource, const std::string& key) {
    const auto entry = described(type, resource, key);
    std::string text = entry.value.value_or("null") + " " + std::to_string(entry.config_source) + ":";
    for (const auto& synonym : entry.synonyms) {
      text +=
          " " + synonym.name + "=" + synonym.value.value_or("null") + "/" + std::to_string(synonym.source);
    }
    return text;
  }
  ErrorCode produce(size_t bytes) {
    wire::ProduceRequest request;
    request.acks = 1;
    request.topic_data.emplace_back().name = "t";
    request.topic_data[0].partition_data.push_back(
        {.index = 0, .records = {.pieces = {batch_of({std::string(bytes, 'x')})}}});
    return node.ask<wire::ProduceResponse>(request, 12).responses[0].partition_responses[0].error_code;
  }
  int64_t earliest() {
    wire::ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.emplace_back().name = "t";
    request.topics[0].partitions.push_back({.partition_index = 0, .timestamp = -2});
    return node.ask<wire::ListOffsetsResponse>(request).topics[0].partitions[0].offset;
  }

  OneNode node{{.properties = {{"log.retention.hours", "24"}}}};
};

TEST_F(DynamicConfigs, MessageMaxBytesHoldsAtOnceAndAfterARestart) {
  node.create_topic("t");
  EXPECT_EQ(produce(2'000), ErrorCode::none);
  set_broker("", "message.max.bytes", "1000");
  EXPECT_EQ(produce(2'000), ErrorCode::message_too_large);
  set_broker("1", "message.max.bytes", "3000");  // this broker's own counts more
  EXPECT_EQ(produce(2'000), ErrorCode::none);
  EXPECT_EQ(produce(4'000), ErrorCode::message_too_large);
  ASSERT_TRUE(node.stop());
  ASSERT_TRUE(node.start());
  EXPECT_EQ(produce(2'000), ErrorCode::none);
  EXPECT_EQ(produce(4'000), ErrorCode::message_too_large);
  EXPECT_EQ(alter(of_broker, "1", "message.max.bytes", std::nullopt, remove_it).code, ErrorCode::none);
  EXPECT_EQ(produce(2'000), ErrorCode::message_too_large);
  node.kill();
  ASSERT_TRUE(node.start());
  EXPECT_EQ(produce(2'000), ErrorCode::message_too_large);
}

TEST_F(DynamicConfigs, ThreadsAtMostHalveOrDoubleWhatThisBrokerHas) {
  set_broker("1", "num.io.threads", "16");
  set_broker("1", "num.io.threads", "32");
  const Error error = alter(of_broker, "1", "num.io.threads", "65");
  EXPECT_EQ(error.code, ErrorCode::invalid_request);
  EXPECT_EQ(
      error.message,
      "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update "
      "validation failed for num.io.threads=65, value should not be greater than double the current value "
      "32 for configuration Invalid dynamic configuration");
  EXPECT_EQ(text(of_broker, "1", "num.io.threads"), "32 2: num.io.threads=32/2 num.io.threads=8/5");
  set_broker("", "num.io.threads", "100");  // not in effect here
  set_broker("1", "message.max.bytes", "3000");
}

TEST_F(DynamicConfigs, RetentionHoldsForTopicsThatDoNotSayOtherwise) {
  node.create_topic("t", 1, {{"segment.bytes", "1048576"}});
  for (int i = 0; i < 8; ++i) EXPECT_EQ(produce(300'000), ErrorCode::none);
  node.world().run_for(10 * 60'000);
  EXPECT_EQ(earliest(), 0);
  set_broker("", "log.retention.ms", "60000");
  node.world().run_for(10 * 60'000);
  EXPECT_GT(earliest(), 0);
}

TEST_F(DynamicConfigs, SourcesAndSynonymsAreKafkas) {
  node.create_topic("t");
  EXPECT_EQ(text(of_broker, "1", "log.retention.ms"), "null 5:");
  EXPECT_EQ(text(of_topic, "t", "retention.ms"), "86400000 5:");  // set in hours, which goes unmentioned
  set_broker("", "log.retention.ms", "3600000");
  EXPECT_EQ(text(of_broker, "1", "log.retention.ms"),
            "3600000 3: log.retention.ms=3600000/3 log.retention.hours=24/4 log.retention.hours=168/5");
  EXPECT_EQ(text(of_broker, "", "log.retention.ms"), "3600000 3: log.retention.ms=3600000/3");
  EXPECT_EQ(text(of_topic, "t", "retention.ms"),
            "3600000 3: log.retention.ms=3600000/3 log.retention.hours=24/4 log.retention.hours=168/5");
  set_broker("1", "log.retention.ms", "7200000");
  EXPECT_EQ(described(of_broker, "1", "log.retention.ms").config_source, from_this_broker);
  EXPECT_EQ(alter(of_topic, "t", "retention.ms", "1000").code, ErrorCode::none);
  EXPECT_EQ(text(of_topic, "t", "retention.ms"),
            "1000 1: retention.ms=1000/1 log.retention.ms=7200000/2 log.retention.ms=3600000/3 "
            "log.retention.hours=24/4 "
            "log.retention.hours=168/5");
  EXPECT_TRUE(described(of_broker, "1", "num.partitions").read_only);
  EXPECT_FALSE(described(of_broker, "1", "message.max.bytes").read_only);
  EXPECT_EQ(described(of_broker, "1", "log.retention.hours").config_source, from_file);
  EXPECT_EQ(described(of_broker, "1", "num.partitions").config_source, from_default);
  EXPECT_EQ(described(of_topic, "t", "retention.ms").config_source, from_topic);
  EXPECT_EQ(described(of_broker, "", "log.retention.ms").config_source, from_all_brokers);
}

TEST_F(DynamicConfigs, WhatIsStaticOrWrongIsRefused) {
  EXPECT_EQ(alter(of_broker, "1", "num.partitions", "3").code, ErrorCode::invalid_request);
  EXPECT_EQ(alter(of_broker, "", "log.retention.ms", "soon").code, ErrorCode::invalid_request);
  EXPECT_EQ(alter(of_broker, "seven", "log.retention.ms", "1000").code, ErrorCode::invalid_request);
  EXPECT_EQ(alter(of_topic, "nowhere", "retention.ms", "1000").code, ErrorCode::unknown_topic_or_partition);
}

}  // namespace
}  // namespace kt::node
