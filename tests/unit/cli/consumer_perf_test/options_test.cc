// The sentences were printed by kafka-consumer-perf-test.sh of Kafka 4.1.1, those about two names by 4.2.0.
#include "libcli/commands/consumer_perf_test/options.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::consumer_perf_test {
namespace {

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}
std::expected<Options, UsageError> with(std::vector<std::string> words) {
  words.insert(words.begin(), {"--topic", "t", "--bootstrap-server", "h:1"});
  return parsed(words);
}
UsageError usage(const std::string& text) { return {text, Show::usage}; }
UsageError message(const std::string& text) { return {text, Show::message}; }

TEST(ConsumerPerfTest, NeedsATopicACountAndACluster) {
  EXPECT_EQ(parsed({"--messages", "1"}).error(), usage("Missing required argument \"[topic]\""));
  EXPECT_EQ(with({}).error(), usage("Missing required argument \"[messages]\""));
  EXPECT_EQ(parsed({"--topic", "t", "--messages", "1"}).error(),
            usage("Missing required argument \"[bootstrap-server]\""));
  EXPECT_EQ(with({"--messages", "1", "--include", "x"}).error(),
            usage("Exactly one of the following arguments is required: [topic], [include]"));
  EXPECT_EQ(parsed({"--include", "x.*", "--num-records", "1", "--bootstrap-server", "h:1"})->include, "x.*");
}

TEST(ConsumerPerfTest, NewNamesDoNotMixWithOldOnes) {
  EXPECT_EQ(with({"--messages", "1", "--num-records", "4"}).error(),
            usage("Exactly one of the following arguments is required: [messages], [num-records]"));
  EXPECT_EQ(with({"--messages", "1", "--consumer.config", "x", "--command-config", "y"}).error(),
            usage("Option \"[consumer.config]\" can't be used with option \"[command-config]\""));
}

TEST(ConsumerPerfTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(with({"--messages", "x"}).error(), message("Cannot parse argument 'x' of option messages"));
  EXPECT_EQ(with({"--messages", "1", "--reporting-interval", "0"}).error(),
            message("Reporting interval must be greater than 0."));
  EXPECT_EQ(with({"--messages", "1", "--reporting-interval", "-5"}).error(),
            message("Cannot parse argument '-5' of option reporting-interval"));
  EXPECT_EQ(with({"--messages", "1", "--date-format", "yyyyb"}).error(),
            message("Illegal pattern character 'b'"));
}

TEST(ConsumerPerfTest, SettingsOfTheConsumer) {
  const auto properties = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"--messages", "1"});
    return with(words)->connection.properties;
  };
  const auto some = properties(
      {"--group", "g", "--command-property", "client.id=me", "--command-property", "check.crcs=true"});
  EXPECT_EQ(some, (config::Properties{{"auto.offset.reset", "earliest"},
                                      {"check.crcs", "false"},
                                      {"client.id", "me"},
                                      {"group.id", "g"},
                                      {"max.partition.fetch.bytes", "1048576"},
                                      {"receive.buffer.bytes", "2097152"}}));
  EXPECT_EQ(properties({"--from-latest"}).at("auto.offset.reset"), "latest");
  EXPECT_TRUE(properties({}).at("group.id").starts_with("perf-consumer-"));
}

TEST(ConsumerPerfTest, ReadsTheRest) {
  const auto options = with({"--messages", "5", "--timeout", "-1", "--hide-header", "--show-detailed-stats"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->records_max, 5);
  EXPECT_EQ(options->timeout_ms, -1);
  EXPECT_EQ(options->reporting_interval_ms, 5000);
  EXPECT_TRUE(options->hide_header && options->detailed);
  EXPECT_EQ(with({"--messages", "5", "--timeout"})->timeout_ms, 10'000);
  EXPECT_EQ(options->date_format.format(0, 0), "1970-01-01 00:00:00:000");
}

TEST(ConsumerPerfTest, OldTutorialsWork) {
  EXPECT_TRUE(parsed({"--zookeeper", "localhost:2181", "--topic", "t", "--messages", "1", "--threads", "1",
                      "--num-fetch-threads", "1", "--new-consumer"}));
}

}  // namespace
}  // namespace kt::cli::consumer_perf_test
