// The sentences were printed by kafka-console-consumer.sh of Kafka 4.1.1, those about two names by 4.2.0.
#include "libcli/commands/consume/options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::consume {
namespace {

class ConsumeOptions : public testing::Test, protected World {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/kt-consume-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { ASSERT_TRUE(disk.remove(folder_)); }

  std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
    return parse_words(syntax, parse, *this, mode, words);
  }
  std::expected<Options, UsageError> at(std::vector<std::string> words) {
    words.insert(words.begin(), {"--bootstrap-server", "h:9092"});
    return parsed(words);
  }
  std::string setting(std::vector<std::string> words, std::string_view key) {
    words.insert(words.begin(), {"--topic", "t"});
    const auto options = at(std::move(words));
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

TEST_F(ConsumeOptions, ThatDoNotGoTogether) {
  EXPECT_EQ(at({}).error(), usage("Exactly one of --include/--topic is required. "));
  EXPECT_EQ(at({"--topic", "a", "--include", "b"}).error(),
            usage("Exactly one of --include/--topic is required. "));
  EXPECT_EQ(at({"--include", "b", "--partition", "1"}).error(),
            usage("The topic is required when partition is specified."));
  EXPECT_EQ(at({"--topic", "a", "--offset", "4"}).error(),
            usage("The partition is required when offset is specified."));
  EXPECT_EQ(at({"--topic", "a", "--offset", "4", "--partition", "1", "--from-beginning"}).error(),
            usage("Options from-beginning and offset cannot be specified together."));
  EXPECT_EQ(parsed({"--topic", "a"}).error(), usage("Missing required argument \"[bootstrap-server]\""));
}

TEST_F(ConsumeOptions, TheGroupIsNamedOnceOrAgreed) {
  EXPECT_EQ(setting({"--group", "g"}, "group.id"), "g");
  EXPECT_EQ(setting({"--consumer-property", "group.id=g"}, "group.id"), "g");
  EXPECT_EQ(setting({"--consumer.config", file("group.id=g\n"), "--group", "g"}, "group.id"), "g");
  EXPECT_EQ(setting({"--group", "x", "--consumer-property", "group.id=y"}, "group.id"),
            "The group ids provided in different places (directly using '--group', via "
            "'--consumer-property', or via "
            "'--consumer.config') do not match. Detected group ids: 'x', 'y'");
  EXPECT_EQ(at({"--topic", "a", "--group", "x", "--partition", "1"}).error(),
            usage("Options group and partition cannot be specified together."));
  EXPECT_EQ(setting({"--group", "g"}, "enable.auto.commit"), "(none)");
}

TEST_F(ConsumeOptions, WithoutAGroupItIsARandomOneThatCommitsNothing) {
  EXPECT_TRUE(setting({}, "group.id").starts_with("console-consumer-"));
  EXPECT_NE(setting({}, "group.id"), setting({}, "group.id"));
  EXPECT_EQ(setting({}, "enable.auto.commit"), "false");
  EXPECT_EQ(setting({"--consumer-property", "enable.auto.commit=true"}, "enable.auto.commit"), "true");
}

TEST_F(ConsumeOptions, WhereToStart) {
  EXPECT_EQ(setting({}, "auto.offset.reset"), "latest");
  EXPECT_EQ(setting({"--from-beginning"}, "auto.offset.reset"), "earliest");
  EXPECT_EQ(setting({"--consumer-property", "auto.offset.reset=none"}, "auto.offset.reset"), "none");
  EXPECT_EQ(
      at({"--topic", "a", "--from-beginning", "--consumer-property", "auto.offset.reset=latest"}).error(),
      (UsageError{
          "Can't simultaneously specify --from-beginning and 'auto.offset.reset=latest', please remove "
          "one option",
          Show::message}));
  const auto offset = [this](std::vector<std::string> words) {
    words.insert(words.begin(), {"--topic", "a", "--partition", "1"});
    return at(words);
  };
  EXPECT_EQ(offset({})->offset, latest_offset);
  EXPECT_EQ(offset({"--from-beginning"})->offset, earliest_offset);
  EXPECT_EQ(offset({"--offset", "Earliest"})->offset, earliest_offset);
  EXPECT_EQ(offset({"--offset", "42"})->offset, 42);
  for (const char* text : {"4x", "-5", ""}) {
    EXPECT_EQ(offset({"--offset", text}).error(),
              usage("The provided offset value '" + std::string(text) +
                    "' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."));
  }
}

TEST_F(ConsumeOptions, WhenToEnd) {
  EXPECT_EQ(at({"--topic", "a"})->messages_max, std::nullopt);
  EXPECT_EQ(at({"--topic", "a"})->timeout_ms, std::nullopt);
  EXPECT_EQ(at({"--topic", "a", "--max-messages", "-1", "--timeout-ms", "-5"})->messages_max, std::nullopt);
  EXPECT_EQ(at({"--topic", "a", "--max-messages", "-1", "--timeout-ms", "-5"})->timeout_ms, std::nullopt);
  EXPECT_EQ(at({"--topic", "a", "--max-messages", "3", "--timeout-ms", "0"})->messages_max, 3);
  EXPECT_EQ(at({"--topic", "a", "--max-messages", "3", "--timeout-ms", "0"})->timeout_ms, 0);
  EXPECT_EQ(at({"--topic", "a", "--timeout-ms", "z"}).error().message,
            "Cannot parse argument 'z' of option timeout-ms");
}

TEST_F(ConsumeOptions, OtherSettingsOfTheConsumer) {
  EXPECT_EQ(setting({}, "client.id"), "console-consumer");
  EXPECT_EQ(setting({}, "isolation.level"), "read_uncommitted");
  EXPECT_EQ(setting({"--consumer-property", "isolation.level=read_committed"}, "isolation.level"),
            "read_committed");
  EXPECT_EQ(setting({"--consumer.config", file("isolation.level=read_committed\n"), "--isolation-level", "x"},
                    "isolation.level"),
            "x");
  EXPECT_EQ(setting({"--consumer.config", folder_ + "/none"}, "client.id"), folder_ + "/none");
}

TEST_F(ConsumeOptions, HowToPrint) {
  const auto options = at({"--topic", "a", "--formatter-config", file("print.key=true\nkey.separator=1\n"),
                           "--property", "key.separator=2", "--key-deserializer", "LongDeserializer"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->formatter_properties,
            (config::Properties{
                {"key.deserializer", "LongDeserializer"}, {"key.separator", "2"}, {"print.key", "true"}}));
  EXPECT_EQ(options->formatter, FormatterKind::columns);
  EXPECT_EQ(at({"--topic", "a", "--formatter", "foo"}).error(), usage("foo"));
  EXPECT_EQ(at({"--topic", "a", "--formatter-config", folder_ + "/none"}).error(), usage(folder_ + "/none"));
  for (const char* name :
       {"kafka.coordinator.GroupMetadataManager$OffsetsMessageFormatter",
        "org.apache.kafka.tools.consumer.OffsetsMessageFormatter", "OffsetsMessageFormatter"}) {
    EXPECT_EQ(at({"--topic", "a", "--formatter", name})->formatter, FormatterKind::offsets) << name;
  }
}

TEST_F(ConsumeOptions, NewNamesDoNotMixWithOldOnes) {
  EXPECT_EQ(at({"--topic", "a", "--consumer.config", "a", "--command-config", "b"}).error(),
            usage("Options --consumer.config and --command-config cannot be specified together."));
  EXPECT_EQ(at({"--topic", "a", "--property", "a=b", "--formatter-property", "c=d"}).error(),
            usage("Options --property and --formatter-property cannot be specified together."));
  EXPECT_EQ(at({"--topic", "a", "--consumer-property", "a=b", "--command-property", "c=d"}).error(),
            usage("Options --consumer-property and --command-property cannot be specified together."));
}

TEST_F(ConsumeOptions, OldTutorialsWork) {
  const auto options = parsed({"--zookeeper", "localhost:2181", "--topic", "t", "--from-beginning",
                               "--new-consumer", "--delete-consumer-offsets", "--metrics-dir", "/tmp"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connection.through, Connection::Through::zookeeper_port);
  EXPECT_EQ(at({"--whitelist", "a|b"})->include, "a|b");
  EXPECT_EQ(at({"--blacklist", "a|b"})->exclude, "a|b");
}

TEST_F(ConsumeOptions, KtSpeaksShorter) {
  const auto options = parsed({"orders", "-n", "3", "-g", "billing", "-X", "fetch.min.bytes=9"}, Mode::kt);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->topic, "orders");
  EXPECT_EQ(options->messages_max, 3);
  EXPECT_EQ(config::find(options->connection.properties, "group.id"), "billing");
  EXPECT_EQ(config::find(options->connection.properties, "fetch.min.bytes"), "9");
}

}  // namespace
}  // namespace kt::cli::consume
