// The sentences were printed by kafka-console-producer.sh of Kafka 4.1.1, those about two names by 4.2.0.
#include "libcli/commands/produce/options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::produce {
namespace {

class ProduceOptions : public testing::Test, protected World {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/kt-produce-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { ASSERT_TRUE(disk.remove(folder_)); }

  std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
    return parse_words(syntax, parse, *this, mode, words);
  }
  /// As parsed, with a topic and a cluster.
  std::expected<Options, UsageError> with(std::vector<std::string> words) {
    words.insert(words.begin(), {"--topic", "t", "--bootstrap-server", "h:9092"});
    return parsed(words);
  }
  std::string setting(std::vector<std::string> words, std::string_view key) {
    const auto options = with(std::move(words));
    return options ? config::find(options->connection.properties, key).value_or("(none)")
                   : options.error().message;
  }
  std::string file(const std::string& text) {
    EXPECT_TRUE(disk.replace(folder_ + "/file", text));
    return folder_ + "/file";
  }
  std::string folder_;
};

UsageError usage(const std::string& message) { return {message, Show::usage}; }

TEST_F(ProduceOptions, NeedATopicAndAddressesOfTheRightShape) {
  EXPECT_EQ(parsed({"--bootstrap-server", "x:1"}).error(), usage("Missing required argument \"[topic]\""));
  EXPECT_EQ(parsed({"--topic", "a"}).error(), usage("Error while validating the bootstrap address\n"));
  EXPECT_EQ(parsed({"--topic", "a", "--bootstrap-server", "x"}).error(),
            usage("Please provide valid host:port like host1:9091,host2:9092\n"));
}

TEST_F(ProduceOptions, TheToolsDefaultsAreNotTheProducers) {
  const auto options = with({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connection.properties, (config::Properties{{"acks", "-1"},
                                                                {"batch.size", "16384"},
                                                                {"buffer.memory", "33554432"},
                                                                {"client.id", "console-producer"},
                                                                {"compression.type", "none"},
                                                                {"linger.ms", "1000"},
                                                                {"max.block.ms", "60000"},
                                                                {"metadata.max.age.ms", "300000"},
                                                                {"request.timeout.ms", "1500"},
                                                                {"retries", "3"},
                                                                {"retry.backoff.ms", "100"},
                                                                {"send.buffer.bytes", "102400"}}));
  EXPECT_EQ(options->connection.addresses, "h:9092");
  EXPECT_FALSE(options->sync);
}

TEST_F(ProduceOptions, AFlagBeatsAPropertyBeatsAFileBeatsTheDefault) {
  const std::string from_file =
      file("acks=1\nlinger.ms=5\ncompression.type=lz4\nclient.id=me\nbootstrap.servers=x:1\n");
  EXPECT_EQ(setting({"--producer.config", from_file}, "acks"), "1");
  EXPECT_EQ(setting({"--producer.config", from_file, "--producer-property", "acks=0"}, "acks"), "0");
  EXPECT_EQ(setting({"--producer.config", from_file, "--producer-property", "acks=0",
                     "--request-required-acks", "all"},
                    "acks"),
            "all");
  EXPECT_EQ(setting({"--producer.config", from_file}, "client.id"), "me");
  EXPECT_EQ(setting({"--producer.config", from_file}, "bootstrap.servers"), "(none)");
  EXPECT_EQ(setting({"--producer.config", folder_ + "/none"}, "acks"), folder_ + "/none");
}

TEST_F(ProduceOptions, CompressionIsTheFlagsAlone) {
  EXPECT_EQ(setting({"--producer.config", file("compression.type=lz4\n")}, "compression.type"), "none");
  EXPECT_EQ(setting({"--compression-codec", "zstd"}, "compression.type"), "zstd");
  EXPECT_EQ(setting({"--compression-codec"}, "compression.type"), "gzip");
  EXPECT_EQ(setting({"--compression-codec", "--sync"}, "compression.type"), "gzip");
  EXPECT_EQ(setting({"--compression-codec", "foo"}, "compression.type"),
            "Invalid value foo for configuration compression.type: String must be one of: none, gzip, "
            "snappy, lz4, zstd");
}

TEST_F(ProduceOptions, TwoOptionsSayHowLargeABatchIs) {
  EXPECT_EQ(setting({"--batch-size", "2048"}, "batch.size"), "2048");
  EXPECT_EQ(setting({"--batch-size", "2048", "--max-partition-memory-bytes", "4096"}, "batch.size"), "4096");
  EXPECT_EQ(setting({"--batch-size", "200"}, "batch.size"), "16384");  // 200 messages, in 2017
  EXPECT_EQ(setting({"--batch-size", "x"}, "batch.size"), "Cannot parse argument 'x' of option batch-size");
}

TEST_F(ProduceOptions, LinesAreReadAsAsked) {
  const auto options =
      with({"--reader-config", file("parse.key=true\nkey.separator=a\n"), "--property", "key.separator=\\t"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->format.parse_key);
  EXPECT_EQ(options->format.key_separator, "\\t");
  EXPECT_EQ(with({"--property", "headers.delimiter=,"}).error(),
            (UsageError{"headers.delimiter and headers.separator may not be equal", Show::message}));
  EXPECT_EQ(with({"--line-reader", "com.example.Reader"}).error(),
            (UsageError{"There is no line reader com.example.Reader", Show::message}));
  EXPECT_TRUE(with({"--line-reader", "kafka.tools.ConsoleProducer$LineMessageReader"}));
}

TEST_F(ProduceOptions, NewNamesDoNotMixWithOldOnes) {
  EXPECT_EQ(with({"--producer.config", "a", "--command-config", "b"}).error(),
            usage("Options --command-config and --producer.config cannot be specified together."));
  EXPECT_EQ(with({"--command-config", "a", "--command-config", "b"}).error().message,
            "Found multiple arguments for option command-config, but you asked for only one");
  EXPECT_EQ(with({"--producer-property", "a=1", "--command-property", "b=1"}).error(),
            usage("Options --command-property and --producer-property cannot be specified together."));
  EXPECT_EQ(with({"--property", "a=1", "--reader-property", "b=1"}).error(),
            usage("Options --reader-property and --property cannot be specified together."));
  EXPECT_EQ(setting({"--command-property", "acks=0"}, "acks"), "0");
}

TEST_F(ProduceOptions, OldTutorialsWork) {
  const auto options = parsed({"--broker-list", "localhost:9092,localhost:9093", "--topic", "my-topic",
                               "--old-producer", "--queue-size", "10", "--key-serializer", "x"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connection.addresses, "localhost:9092,localhost:9093");
}

TEST_F(ProduceOptions, KtSpeaksShorter) {
  const auto options = parsed({"orders", "-z", "zstd", "-a", "all", "-X", "linger.ms=0"}, Mode::kt);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->topic, "orders");
  EXPECT_EQ(options->connection.addresses, "localhost:9092");
  EXPECT_EQ(config::find(options->connection.properties, "linger.ms"), "0");
  EXPECT_EQ(config::find(options->connection.properties, "acks"), "all");
}

}  // namespace
}  // namespace kt::cli::produce
