// The sentences were printed by kafka-producer-perf-test.sh of Kafka 4.1.1, those of newer options by 4.2.0.
#include "libcli/commands/producer_perf_test/options.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::producer_perf_test {
namespace {

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}
/// Complete, but for what stands in `words`.
std::expected<Options, UsageError> with(std::vector<std::string> words, const std::string& records = "100") {
  words.insert(words.begin(), {"--topic", "t", "--num-records", records, "--throughput", "-1"});
  return parsed(words);
}
std::string refused(std::vector<std::string> words, const std::string& records = "100") {
  words.insert(words.begin(), {"--record-size", "5", "--producer-props", "bootstrap.servers=h:1"});
  const auto options = with(words, records);
  return options ? "" : options.error().message;
}

TEST(ProducerPerfTest, NeedsMuch) {
  EXPECT_EQ(parsed({"--num-records", "1"}).error().message, "argument --topic is required");
  EXPECT_EQ(with({"--producer-props", "a=b"}).error().message,
            "one of the arguments --record-size --payload-file --payload-monotonic is required");
  EXPECT_EQ(with({"--record-size", "5", "--payload-file", "x", "--producer-props", "a=b"}).error().message,
            "argument --payload-file: not allowed with argument --record-size");
  EXPECT_EQ(with({"--record-size", "5"}).error().message,
            "Either --producer-props or --producer.config must be specified.");
}

TEST(ProducerPerfTest, RefusesWhatItCannotDo) {
  EXPECT_EQ(refused({}, "0"), "--num-records should be greater than zero");
  EXPECT_EQ(refused({}, "q"),
            "argument --num-records: could not convert 'q' to Long (For input string: \"q\")");
  EXPECT_EQ(refused({"--record-size", "0"}), "--record-size should be greater than zero");
  EXPECT_EQ(refused({"--transaction-duration-ms", "0"}),
            "--transaction-duration-ms should be greater than zero");
  EXPECT_EQ(refused({"--reporting-interval", "0"}), "--reporting-interval should be greater than zero.");
  EXPECT_EQ(refused({"--warmup-records", "100"}),
            "The value for --warmup-records must be strictly fewer than the number of records in the test, "
            "--num-records.");
  EXPECT_EQ(refused({"--command-property", "a=b"}),
            "--command-property and --producer-props cannot be specified together.");
  EXPECT_EQ(refused({"--producer.config", "x", "--command-config", "y"}),
            "--command-config and --producer.config cannot be specified together.");
  EXPECT_EQ(with({"--record-size", "5", "--producer-props", "a", "b=c=d"}).error(),
            (UsageError{"Invalid property: a", Show::message}));
}

TEST(ProducerPerfTest, Payloads) {
  const auto payload = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"--bootstrap-server", "h:1"});
    return with(words)->payload;
  };
  EXPECT_EQ(payload({"--record-size", "5"}), (Payload{.kind = Payload::Kind::random, .bytes = 5}));
  EXPECT_EQ(payload({"--payload-monotonic"}), (Payload{.kind = Payload::Kind::monotonic}));
  EXPECT_EQ(payload({"--payload-file", "x"}),
            (Payload{.kind = Payload::Kind::file, .file = "x", .delimiter = "\n"}));
  EXPECT_EQ(payload({"--payload-file", "x", "--payload-delimiter", ","}).delimiter, ",");
}

TEST(ProducerPerfTest, TheClusterStandsInAFlagOrAProperty) {
  const auto by_property =
      with({"--record-size", "5", "--producer-props", "bootstrap.servers=h:1", "acks=1"});
  EXPECT_EQ(by_property->connection.addresses, "h:1");
  EXPECT_EQ(by_property->connection.properties,
            (config::Properties{{"acks", "1"}, {"client.id", "perf-producer-client"}}));
  EXPECT_EQ(
      with({"--record-size", "5", "--producer-props", "bootstrap.servers=h:1", "--bootstrap-server", "x:1"})
          ->connection.addresses,
      "x:1");
  EXPECT_EQ(parsed({"t", "--num-records", "5", "--record-size", "5", "--throughput", "-1"}, Mode::kt)
                ->connection.addresses,
            "localhost:9092");
}

TEST(ProducerPerfTest, Transactions) {
  const auto options = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"--record-size", "5", "--bootstrap-server", "h:1"});
    return *with(words);
  };
  EXPECT_EQ(options({}).transaction_duration_ms, std::nullopt);
  EXPECT_FALSE(options({}).connection.properties.contains("transactional.id"));
  EXPECT_EQ(options({"--transactional-id", "x"}).transaction_duration_ms, 3000);
  EXPECT_EQ(options({"--transactional-id", "x"}).connection.properties.at("transactional.id"), "x");
  const Options by_duration = options({"--transaction-duration-ms", "50"});
  EXPECT_EQ(by_duration.transaction_duration_ms, 50);
  EXPECT_TRUE(by_duration.connection.properties.at("transactional.id").starts_with("performance-producer-"));
  EXPECT_EQ(options({"--producer-props", "transactional.id=y"}).transaction_duration_ms, 3000);
}

}  // namespace
}  // namespace kt::cli::producer_perf_test
