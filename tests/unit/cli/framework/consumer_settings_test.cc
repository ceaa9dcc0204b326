#include "libcli/commands/framework/consumer_settings.h"

#include <gtest/gtest.h>

namespace kt::cli {
namespace {

std::string names(const config::Properties& properties) {
  const auto options = consumer_options(properties);
  if (!options) return options.error().message;
  std::string text;
  for (const auto* assignor : options->assignors) text += std::string(assignor->name()) + " ";
  return text;
}

TEST(ConsumerSettings, AssignorsGoByTheirNamesAndByJavasClasses) {
  const std::string key = "partition.assignment.strategy", java = "org.apache.kafka.clients.consumer.";
  EXPECT_EQ(names({}), "range cooperative-sticky ");
  EXPECT_EQ(names({{key, java + "StickyAssignor, " + java + "RoundRobinAssignor"}}), "sticky roundrobin ");
  EXPECT_EQ(names({{key, "cooperative-sticky"}}), "cooperative-sticky ");
  EXPECT_EQ(
      names({{key, "org.example.Best"}}),
      "Invalid value org.example.Best for configuration partition.assignment.strategy: no such assignor; "
      "there are range, roundrobin, sticky and cooperative-sticky");
  EXPECT_EQ(
      names({{key, "range,RangeAssignor"}}),
      "Invalid value range,RangeAssignor for configuration partition.assignment.strategy: an assignor is "
      "named twice");
  EXPECT_EQ(names({{key, " , "}}),
            "Invalid value  ,  for configuration partition.assignment.strategy: an assignor must be named");
}

TEST(ConsumerSettings, AreReadAndChecked) {
  const auto options = consumer_options({{"session.timeout.ms", "6000"},
                                         {"enable.auto.commit", "false"},
                                         {"isolation.level", "read_committed"},
                                         {"group.instance.id", "seat"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->session_timeout_ms, 6000);
  EXPECT_FALSE(options->auto_commits);
  EXPECT_TRUE(options->fetching.reads_committed);
  EXPECT_EQ(options->instance_id, "seat");
  EXPECT_EQ(names({{"session.timeout.ms", "soon"}}),
            "Invalid value soon for configuration session.timeout.ms: Not a number of type INT");
  EXPECT_EQ(names({{"group.protocol", "consumer"}}),
            "Invalid value consumer for configuration group.protocol: this build of kt joins groups by the "
            "classic protocol alone");
}

TEST(ConsumerSettings, NumbersHaveTheirLeast) {
  const auto refusal = [](std::string key, std::string value) {
    const auto options = consumer_options({{std::move(key), std::move(value)}});
    return options ? "" : options.error().message;
  };
  EXPECT_EQ(refusal("max.poll.records", "0"),
            "Invalid value 0 for configuration max.poll.records: Value must be at least 1");
  EXPECT_EQ(refusal("max.poll.records", "-1"),
            "Invalid value -1 for configuration max.poll.records: Value must be at least 1");
  EXPECT_EQ(refusal("max.poll.records", "1"), "");
  EXPECT_EQ(refusal("fetch.max.bytes", "-1"),
            "Invalid value -1 for configuration fetch.max.bytes: Value must be at least 0");
  EXPECT_EQ(refusal("max.poll.records", "many"),
            "Invalid value many for configuration max.poll.records: Not a number of type INT");
}

}  // namespace
}  // namespace kt::cli
