// The sentences were printed by kafka-log-dirs.sh and kafka-broker-api-versions.sh of Kafka 4.1.1.
#include "libcli/commands/log_dirs/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libcli/commands/broker_api_versions/options.h"
#include "tests/unit/cli/parsing.h"

namespace kt::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::expected<log_dirs::Options, UsageError> parsed(std::vector<std::string> words,
                                                    Mode mode = Mode::script) {
  World world;
  return parse_words(log_dirs::syntax, log_dirs::parse, world, mode, words);
}

TEST(LogDirs, NeedsAClusterAndTheVerb) {
  EXPECT_EQ(parsed({"--describe"}).error().message, "Missing required argument \"[bootstrap-server]\"");
  EXPECT_EQ(parsed({"--bootstrap-server", "h:1"}).error().message,
            "Missing required argument \"[describe]\"");
}

TEST(LogDirs, MayBeOfSomeTopicsAndBrokers) {
  const auto options =
      parsed({"--bootstrap-server", "h:1", "--describe", "--topic-list", "a,b", "--broker-list", "0,2"});
  ASSERT_TRUE(options);
  EXPECT_THAT(options->topics, ElementsAre("a", "b"));
  EXPECT_THAT(options->brokers, ElementsAre(0, 2));
  const auto all = parsed({"--bootstrap-server", "h:1", "--describe", "--topic-list", ""});
  EXPECT_THAT(all->topics, IsEmpty());
  EXPECT_THAT(all->brokers, IsEmpty());
  EXPECT_EQ(parsed({"--bootstrap-server", "h:1", "--describe", "--broker-list", "x"}).error().message,
            "For input string: \"x\"");
  EXPECT_THAT(parsed({"describe", "orders", "refunds"}, Mode::kt)->topics, ElementsAre("orders", "refunds"));
}

TEST(BrokerApiVersions, NeedsACluster) {
  World world;
  const auto script = parse_words(broker_api_versions::syntax, broker_api_versions::parse, world,
                                  Mode::script, {"--command-config", "x"});
  EXPECT_EQ(script.error().message, "Missing required argument \"[bootstrap-server]\"");
  const auto kt = parse_words(broker_api_versions::syntax, broker_api_versions::parse, world, Mode::kt, {});
  EXPECT_EQ(kt->connection.addresses, "localhost:9092");
}

}  // namespace
}  // namespace kt::cli
