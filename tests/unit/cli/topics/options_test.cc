// The sentences were printed by kafka-topics.sh of Kafka 4.1.1.
#include "libcli/commands/topics/options.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::topics {
namespace {

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}

/// As parsed, with a cluster.
std::expected<Options, UsageError> at(std::vector<std::string> words) {
  words.insert(words.begin(), {"--bootstrap-server", "h:9092"});
  return parsed(words);
}

UsageError usage(const std::string& message) { return {message, Show::usage}; }
UsageError on_out(const std::string& message) {
  return {"Error while executing topic command : " + message, Show::message_on_out};
}

TEST(Topics, ExactlyOneAction) {
  const UsageError error =
      usage("Command must include exactly one action: --list, --describe, --create, --alter or --delete");
  EXPECT_EQ(at({}).error(), error);
  EXPECT_EQ(at({"--list", "--delete"}).error(), error);
}

TEST(Topics, AClusterIsNeeded) {
  EXPECT_EQ(parsed({"--list"}).error(), (UsageError{"--bootstrap-server must be specified", Show::message}));
}

TEST(Topics, ATopicIsNeededUnlessAllAreMeant) {
  for (const char* action : {"--create", "--alter", "--delete"}) {
    EXPECT_EQ(at({action}).error(), usage("Missing required argument \"[topic]\"")) << action;
  }
  EXPECT_TRUE(at({"--list"}));
  EXPECT_TRUE(at({"--describe"}));
  EXPECT_EQ(at({"--describe", "--if-exists"}).error(),
            usage("--topic or --topic-id is required to describe a topic"));
}

TEST(Topics, ConfigsAreNotAlteredHere) {
  EXPECT_EQ(at({"--alter", "--topic", "a", "--config", "a=1"}).error(),
            usage("Option combination \"[[bootstrap-server], [config]]\" can't be used with option "
                  "\"[alter]\" (To alter "
                  "topic configurations, the kafka-configs tool can be used.)"));
  EXPECT_EQ(at({"--alter", "--topic", "a"}).error(), usage("Missing required argument \"[partitions]\""));
}

TEST(Topics, OptionsThatDoNotGoTogether) {
  const auto refused = [](const char* option, const char* other) {
    return usage("Option \"[" + std::string(option) + "]\" can't be used with option \"[" + other + "]\"");
  };
  EXPECT_EQ(at({"--list", "--config", "a=1"}).error(), refused("config", "list"));
  EXPECT_EQ(at({"--describe", "--partitions", "1"}).error(), refused("partitions", "describe"));
  EXPECT_EQ(at({"--alter", "--topic", "a", "--partitions", "2", "--replication-factor", "1"}).error(),
            refused("replication-factor", "alter"));
  EXPECT_EQ(at({"--create", "--topic", "a", "--replica-assignment", "1", "--partitions", "1"}).error(),
            refused("replica-assignment", "partitions"));
  EXPECT_EQ(at({"--list", "--under-replicated-partitions"}).error(),
            refused("under-replicated-partitions", "list"));
  EXPECT_EQ(at({"--describe", "--unavailable-partitions", "--topics-with-overrides"}).error(),
            refused("unavailable-partitions", "topics-with-overrides"));
  EXPECT_EQ(at({"--create", "--topic", "a", "--if-exists"}).error(), refused("if-exists", "create"));
  EXPECT_EQ(at({"--delete", "--topic", "a", "--if-not-exists"}).error(), refused("if-not-exists", "delete"));
  EXPECT_EQ(at({"--delete", "--topic", "a", "--exclude-internal"}).error(),
            refused("exclude-internal", "delete"));
}

TEST(Topics, LayoutIsCheckedBeforeTheBrokerIsAsked) {
  const auto create = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"--create", "--topic", "a"});
    return at(more).error();
  };
  EXPECT_EQ(create({"--partitions", "0"}), on_out("The partitions must be greater than 0"));
  EXPECT_EQ(create({"--replication-factor", "0"}),
            on_out("The replication factor must be between 1 and 32767 inclusive"));
  EXPECT_EQ(create({"--replication-factor", "40000"}),
            on_out("The replication factor must be between 1 and 32767 inclusive"));
  EXPECT_EQ(create({"--replica-assignment", "1:x"}), on_out("For input string: \"x\""));
  EXPECT_EQ(create({"--replica-assignment", "1:1"}),
            on_out("Partition replica lists may not contain duplicate entries: 1"));
  EXPECT_EQ(create({"--replica-assignment", "1:2,2"}),
            on_out("Partition 1 has different replication factor: [2]"));
  for (const char* config : {"foo", "foo=", "foo=a=b"}) {
    EXPECT_EQ(
        create({"--config", config}),
        on_out("requirement failed: Invalid topic config: all configs to be added must be in the format "
               "\"key=val\"."));
  }
  EXPECT_EQ(create({"--partitions", "x"}),
            (UsageError{"Cannot parse argument 'x' of option partitions", Show::message}));
}

TEST(Topics, CreateReadsEverything) {
  const auto options = at({"--create", "--topic", "orders", "--replica-assignment", "1:2, 2:3", "--config",
                           "cleanup.policy = compact", "--config", "segment.bytes=1024", "--if-not-exists"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::create);
  EXPECT_EQ(options->topic, "orders");
  EXPECT_EQ(options->replica_assignment, (std::vector<std::vector<int32_t>>{{1, 2}, {2, 3}}));
  EXPECT_EQ(options->configs, (std::vector<std::pair<std::string, std::string>>{{"cleanup.policy", "compact"},
                                                                                {"segment.bytes", "1024"}}));
  EXPECT_TRUE(options->if_not_exists);
  EXPECT_FALSE(options->classic_assignment);
  EXPECT_EQ(options->connection.addresses, "h:9092");
}

TEST(Topics, DescribeReadsItsFilters) {
  const auto options = at({"--describe", "--under-replicated-partitions", "--at-min-isr-partitions",
                           "--exclude-internal", "--partition-size-limit-per-response", "10"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->reports.under_replicated && options->reports.at_min_isr && options->reports.any());
  EXPECT_FALSE(options->reports.unavailable || options->reports.under_min_isr);
  EXPECT_TRUE(options->exclude_internal);
  EXPECT_EQ(options->partitions_per_response_max, 10);
  EXPECT_EQ(at({"--describe"})->partitions_per_response_max, 2000);
}

TEST(Topics, DescribeMayGoByIdInstead) {
  const auto options =
      at({"--describe", "--topic", "a", "--topic-id", "k4mVhZ1eTQOe3o0FhqYt9w", "--if-exists"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->topic_id, Uuid::parse("k4mVhZ1eTQOe3o0FhqYt9w"));
  EXPECT_EQ(options->notices_on_out,
            (std::vector<std::string>{"Only topic id will be used when both --topic and "
                                      "--topic-id are specified and topicId is not "
                                      "Uuid.ZERO_UUID"}));
  EXPECT_EQ(at({"--describe", "--topic-id", "AAAAAAAAAAAAAAAAAAAAAA"})->topic_id, std::nullopt);
  EXPECT_EQ(at({"--describe", "--topic-id", "xx"}).error(),
            on_out("Input string `xx` decoded as 1 bytes, which is not equal to the expected 16 bytes of a "
                   "base64-encoded UUID"));
}

TEST(Topics, OldTutorialsWork) {
  const auto options =
      parsed({"--create", "--zookeeper", "localhost:2181", "--replication-factor", "3", "--partitions", "13",
              "--topic", "my-topic", "--disable-rack-aware", "--force"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connection.addresses, "localhost:2181");
  EXPECT_EQ(options->connection.through, Connection::Through::zookeeper_port);
  EXPECT_TRUE(options->classic_assignment);
  EXPECT_EQ(options->setting.era, Era::kafka_0_10);
  EXPECT_EQ(parsed({"--alter", "--zookeeper", "h:2181", "--topic", "a", "--config", "a=1"}).error().message,
            "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To "
            "alter topic "
            "configurations, the kafka-configs tool can be used.)");
  EXPECT_EQ(at({"--list", "--delete-config", "a"})->notices_on_err.size(), 1u);
  EXPECT_EQ(at({"--list", "--delete-config", "a"})->setting.era, Era::modern) << "Kafka 4 knows it too";
}

TEST(Topics, KtSpeaksShorter) {
  const auto options =
      parsed({"create", "orders", "-p", "3", "-r", "1", "-c", "a=1", "-o", "json"}, Mode::kt);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->topic, "orders");
  EXPECT_EQ(options->partitions, 3);
  EXPECT_EQ(options->replication_factor, 1);
  EXPECT_EQ(options->connection.addresses, "localhost:9092");
  EXPECT_EQ(options->setting.output, Output::json);

  const auto placed = parsed({"create", "orders", "-p", "3", "-r", "1", "--assign", "classic"}, Mode::kt);
  ASSERT_TRUE(placed) << placed.error().message;
  EXPECT_TRUE(placed->classic_assignment);
}

}  // namespace
}  // namespace kt::cli::topics
