// The sentences were printed by kafka-get-offsets.sh of Kafka 4.1.1.
#include "libcli/commands/get_offsets/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::get_offsets {
namespace {

using testing::ElementsAre;

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}
std::expected<Options, UsageError> at(std::vector<std::string> words) {
  words.insert(words.begin(), {"--bootstrap-server", "h:9092"});
  return parsed(words);
}
UsageError message(const std::string& text) { return {text, Show::message}; }

/// Whether the options mean the partition.
bool means(const Options& options, const std::string& topic, int32_t partition) {
  for (const Rule& rule : options.rules) {
    if (rule.topics.matches(topic) && rule.allows(partition)) return true;
  }
  return false;
}

TEST(GetOffsets, NeedsACluster) {
  EXPECT_EQ(parsed({"--topic", "a"}).error(),
            (UsageError{"Missing required argument \"[bootstrap-server]\"", Show::usage}));
  EXPECT_EQ(parsed({"--bootstrap-server", "x"}).error(),
            (UsageError{"Please provide valid host:port like host1:9091,host2:9092\n", Show::usage}));
  EXPECT_EQ(parsed({"--broker-list", "h:1"})->connection.addresses, "h:1");
}

TEST(GetOffsets, RefusesWhatItCannotRead) {
  EXPECT_EQ(at({"--topic-partitions", "a", "--topic", "b"}).error(),
            message("--topic-partitions cannot be used with --topic or --partitions"));
  EXPECT_EQ(
      at({"--time", "foo"}).error(),
      message(
          "Malformed time argument foo. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 "
          "or earliest-local / -5 or latest-tiered, or a specified long format timestamp"));
  for (const char* partitions : {"x", "1,,2"}) {
    EXPECT_EQ(at({"--partitions", partitions}).error(),
              message("--partitions expects a comma separated list of numeric partition ids, but received: " +
                      std::string(partitions)));
  }
  for (const char* rule : {"a:b:c", "a:x", "a:1-2-3", "a:-x"}) {
    EXPECT_EQ(
        at({"--topic-partitions", rule}).error(),
        message("org.apache.kafka.tools.TerseException: Invalid rule specification: " + std::string(rule)));
  }
  EXPECT_EQ(at({"--topic", "("}).error(), message("( is an invalid regex."));
}

TEST(GetOffsets, Times) {
  EXPECT_EQ(at({})->timestamp, -1);
  EXPECT_EQ(at({"--time", "earliest"})->timestamp, -2);
  EXPECT_EQ(at({"--time", "-3"})->timestamp, -3);
  EXPECT_EQ(at({"--time", "earliest-pending-upload"})->timestamp, -6);
  EXPECT_EQ(at({"--time", "1735689600000"})->timestamp, 1735689600000);
}

TEST(GetOffsets, TopicsAndPartitions) {
  const auto all = at({});
  EXPECT_TRUE(means(*all, "orders", 7));
  const auto some = at({"--topic", "orders,re.*", "--partitions", "0,2"});
  EXPECT_TRUE(means(*some, "orders", 2) && means(*some, "refunds", 0));
  EXPECT_FALSE(means(*some, "orders", 1) || means(*some, "x-orders", 0));
}

TEST(GetOffsets, Rules) {
  const auto options = at({"--topic-partitions", "t1:1,t2:0-3,t3,t4:5-,t5:-3,:9"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(means(*options, "t1", 1) && means(*options, "t2", 2) && means(*options, "t3", 8) &&
              means(*options, "t4", 5) && means(*options, "t5", 2) && means(*options, "anything", 9));
  EXPECT_FALSE(means(*options, "t1", 0) || means(*options, "t2", 3) || means(*options, "t4", 4) ||
               means(*options, "t5", 3) || means(*options, "anything", 8));
}

TEST(GetOffsets, OldTutorialsWork) {
  EXPECT_TRUE(parsed(
      {"--broker-list", "h:1", "--topic", "a", "--time", "-1", "--offsets", "1", "--max-wait-ms", "5"}));
}

TEST(GetOffsets, KtSpeaksShorter) {
  const auto options = parsed({"orders", "-p", "1"}, Mode::kt);
  ASSERT_TRUE(options);
  EXPECT_TRUE(means(*options, "orders", 1));
  EXPECT_FALSE(means(*options, "orders", 0));
}

}  // namespace
}  // namespace kt::cli::get_offsets
