// The sentences were printed by kafka-consumer-groups.sh of Kafka 4.1.1.
#include "libcli/commands/groups/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::groups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}
std::expected<Options, UsageError> at(std::vector<std::string> words) {
  words.insert(words.begin(), {"--bootstrap-server", "h:9092"});
  return parsed(words);
}
/// Resets that lack nothing but what `words` say.
std::expected<Options, UsageError> reset(std::vector<std::string> words) {
  words.insert(words.begin(), {"--reset-offsets", "--group", "a", "--topic", "t"});
  return at(words);
}

UsageError usage(const std::string& message) { return {message, Show::usage}; }

TEST(Groups, ExactlyOneAction) {
  EXPECT_EQ(at({}).error(), usage("Command must include exactly one action: --list, --describe, --delete, "
                                  "--reset-offsets, --delete-offsets, --validate-regex"));
  EXPECT_EQ(parsed({"--list"}).error(), usage("Missing required argument \"[bootstrap-server]\""));
  EXPECT_TRUE(parsed({"--validate-regex", "a.*"}));
}

TEST(Groups, ThatAreDescribed) {
  EXPECT_EQ(at({"--describe"}).error(),
            usage("Option [describe] takes one of these options: [all-groups], [group]"));
  EXPECT_EQ(at({"--list", "--describe"}).error(),
            usage("Option [describe] takes one of these options: [all-groups], [group]"));
  EXPECT_EQ(at({"--describe", "--group", "a", "--members", "--offsets"}).error(),
            usage("Option [describe] takes at most one of these options: [members], [offsets], [state]"));
  EXPECT_EQ(at({"--describe", "--group", "a", "--state", "Stable"}).error(),
            usage("Option [describe] does not take a value for [state]"));
  EXPECT_EQ(at({"--describe", "--topic", "x", "--group", "a"}).error(),
            usage("Option \"[topic]\" can't be used with option \"[describe]\""));
  EXPECT_EQ(at({"--describe", "--all-groups", "--group", "b"}).error(),
            usage("Option \"[group]\" can't be used with option \"[all-groups]\""));
  const auto options = at({"--describe", "--group", "a", "--group", "b", "--members", "--verbose"});
  ASSERT_TRUE(options);
  EXPECT_THAT(options->groups, ElementsAre("a", "b"));
  EXPECT_EQ(options->view, View::members);
  EXPECT_TRUE(options->verbose);
  EXPECT_EQ(at({"--describe", "--all-groups", "--state"})->view, View::state);
  EXPECT_EQ(at({"--describe", "--all-groups"})->view, View::offsets);
}

TEST(Groups, ThatAreListed) {
  EXPECT_EQ(at({"--list", "--group", "a"}).error(),
            usage("Option \"[group]\" can't be used with option \"[list]\""));
  EXPECT_EQ(at({"--list", "--members"}).error(),
            (UsageError{"Option(s) [members] are unavailable given other options on the command line",
                        Show::parser_error}));
  EXPECT_EQ(at({"--list", "--state", "foo"}).error(),
            usage("Invalid state list 'foo'. Valid states are: PreparingRebalance, CompletingRebalance, "
                  "Stable, Dead, "
                  "Empty, Assigning, Reconciling"));
  EXPECT_EQ(at({"--list", "--type", "foo"}).error(),
            usage("Invalid types list 'foo'. Valid types are: Classic, Consumer"));
  const auto options = at({"--list", "--state", "stable, EMPTY", "--type"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->list_states && options->list_types);
  EXPECT_THAT(options->states, ElementsAre("Stable", "Empty"));
  EXPECT_THAT(options->types, IsEmpty());
  EXPECT_FALSE(at({"--list"})->list_states);
}

TEST(Groups, ThatAreDeleted) {
  EXPECT_EQ(at({"--delete"}).error(),
            usage("Option [delete] takes one of these options: [all-groups], [group]"));
  EXPECT_EQ(at({"--delete", "--group", "a", "--topic", "t"}).error(),
            usage("The consumer does not support topic-specific offset deletion from a consumer group."));
  EXPECT_EQ(at({"--delete-offsets", "--group", "a"}).error(),
            usage("Option [delete-offsets] takes the following options: [topic], [group]"));
  EXPECT_EQ(at({"--delete-offsets", "--group", "a", "--group", "b", "--topic", "t"})->refused_late,
            "Found multiple arguments for option group, but you asked for only one");
  EXPECT_EQ(at({"--delete", "--all-groups"})->action, Action::remove);
  EXPECT_THAT(at({"--delete-offsets", "--group", "a", "--topic", "t:0,1"})->topics,
              ElementsAre(TopicPartitions{"t", {0, 1}}));
}

TEST(Groups, ResetsSayWhatAndWhereTo) {
  EXPECT_EQ(at({"--reset-offsets"}).error(),
            usage("Option [reset-offsets] takes one of these options: [all-groups], [group]"));
  EXPECT_EQ(reset({"--execute", "--dry-run"}).error(),
            usage("Option [reset-offsets] only accepts one of [execute] and [dry-run]"));
  EXPECT_EQ(reset({"--to-latest", "--to-earliest"}).error(),
            usage("Option \"[to-earliest]\" can't be used with option \"[to-latest]\""));
  EXPECT_EQ(at({"--reset-offsets", "--group", "a", "--to-latest"}).error(),
            usage("One of the reset scopes should be defined: --all-topics, --topic."));
  EXPECT_EQ(
      reset({}).error(),
      usage("Option '[reset-offsets]' requires one of the following scenarios: [[to-offset], [shift-by], "
            "[to-datetime], [by-duration], [to-earliest], [to-latest], [to-current], [from-file]]"));
}

TEST(Groups, ResetTargets) {
  using enum ResetTarget::Kind;
  const auto target = [](std::vector<std::string> words) { return *reset(words)->reset; };
  EXPECT_EQ(target({"--to-offset", "42"}), (ResetTarget{offset, 42}));
  EXPECT_EQ(target({"--shift-by", "-10"}), (ResetTarget{shift, -10}));
  EXPECT_EQ(target({"--to-earliest"}), (ResetTarget{earliest}));
  EXPECT_EQ(target({"--to-latest"}), (ResetTarget{latest}));
  EXPECT_EQ(target({"--to-current"}), (ResetTarget{current}));
  EXPECT_EQ(target({"--from-file", "plan.csv"}), (ResetTarget{file, 0, "plan.csv"}));
  EXPECT_EQ(target({"--to-datetime", "2025-01-01T00:00:00.000"}), (ResetTarget{timestamp, 1735689600000}));
  EXPECT_EQ(target({"--by-duration", "PT1H"}), (ResetTarget{timestamp, ManualClock().wall_ms() - 3'600'000}));
  EXPECT_EQ(reset({"--to-datetime", "2025-01-01T00:00"})->refused_late,
            "java.text.ParseException: Unparseable date: \"2025-01-01T00:00Z\"");
  EXPECT_EQ(reset({"--by-duration", "1h"})->refused_late, "Text cannot be parsed to a Duration");
  EXPECT_EQ(reset({"--to-offset", "x"}).error().message, "Cannot parse argument 'x' of option to-offset");
}

TEST(Groups, ResetsAreDryUnlessExecuted) {
  EXPECT_TRUE(reset({"--to-latest", "--execute"})->execute);
  EXPECT_THAT(reset({"--to-latest", "--execute"})->notices_on_err, IsEmpty());
  EXPECT_THAT(reset({"--to-latest", "--dry-run"})->notices_on_err, IsEmpty());
  EXPECT_THAT(
      reset({"--to-latest"})->notices_on_err,
      ElementsAre(StartsWith("WARN: No action will be performed as the --execute option is missing. In a")));
}

TEST(Groups, TopicsMayNamePartitions) {
  EXPECT_EQ(parse_topic_partitions("orders"), (TopicPartitions{"orders", {}}));
  EXPECT_EQ(parse_topic_partitions("orders:2,0"), (TopicPartitions{"orders", {2, 0}}));
  EXPECT_EQ(parse_topic_partitions("t:x").error(), "Invalid partition 'x' specified in topic arg 't:x''");
  EXPECT_EQ(parse_topic_partitions("t:").error(),
            "Invalid topic arg 't:', expected topic name and partitions");
  EXPECT_EQ(parse_topic_partitions("t:1:2").error(),
            "Invalid topic arg 't:1:2', expected topic name and partitions");
}

TEST(Groups, OldTutorialsWork) {
  const auto options =
      parsed({"--new-consumer", "--zookeeper", "localhost:2181", "--delete", "--group", "g", "--topic", "t"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::delete_offsets);
  EXPECT_EQ(options->connection.through, Connection::Through::zookeeper_port);
}

TEST(Groups, KtSpeaksShorter) {
  const auto options = parsed({"describe", "billing", "--state", "-o", "json"}, Mode::kt);
  ASSERT_TRUE(options);
  EXPECT_THAT(options->groups, ElementsAre("billing"));
  EXPECT_EQ(options->view, View::state);
  EXPECT_EQ(parsed({"validate-regex", "a.*"}, Mode::kt)->regex, "a.*");
  EXPECT_EQ(options->timeout_ms, 30'000);
}

TEST(Groups, PlansAreReadInBothFormsOfExport) {
  const std::optional<std::string> only = "g", none;
  EXPECT_EQ(parse_reset_plan("t,0,5\nu,1,-1\n", only), (ResetPlan{{"g", {{{"t", 0}, 5}, {{"u", 1}, -1}}}}));
  EXPECT_EQ(parse_reset_plan("a,t,0,5\nb,t,0,6\n", only),
            (ResetPlan{{"a", {{{"t", 0}, 5}}}, {"b", {{{"t", 0}, 6}}}}));
  EXPECT_EQ(parse_reset_plan("t,0,5", none).error(), "Not group,topic,partition,offset: t,0,5");
  EXPECT_EQ(parse_reset_plan("t,0,5\nt,zero,5", only).error(), "Not topic,partition,offset: t,zero,5");
  EXPECT_EQ(parse_reset_plan("", only).error(), "Not group,topic,partition,offset: ");
}

}  // namespace
}  // namespace kt::cli::groups
