#include "libcli/commands/argv/rules.h"

#include <gtest/gtest.h>

#include "libcli/commands/argv/command_line.h"

namespace kt::cli {
namespace {

constexpr OptionSpec options[] = {
    {.name = "bootstrap-server", .value = Value::text, .help = "b"},
    {.name = "config",
     .aliases = {renamed("setting")},
     .value = Value::text,
     .many = Many::occurrences,
     .help = "c"},
    {.name = "alter", .help = "a"},
    {.name = "create", .help = "c"},
    {.name = "if-exists", .help = "i"},
};

Given given(std::vector<std::string> words) {
  return *read_command_line(Family::jopt, {.options = options}, {}, words);
}

std::string message(const Rules& rules) { return rules.broken() ? rules.broken()->message : ""; }

TEST(Rules, SpeakAsKafkasToolsDo) {
  const Given line = given({"--alter", "--if-exists", "--bootstrap-server=a:1", "--config=a=b"});
  EXPECT_EQ(message(Rules(line).require({"alter", "create"})), "Missing required argument \"[create]\"");
  EXPECT_EQ(message(Rules(line).forbid("if-exists", {"create", "alter"})),
            "Option \"[if-exists]\" can't be used with option \"[alter]\"");
  EXPECT_EQ(
      message(Rules(line).forbid_all({"bootstrap-server", "config"}, {"alter"}, " (use kafka-configs)")),
      "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (use "
      "kafka-configs)");
}

TEST(Rules, OneNameOfAnOptionIsEnough) {
  EXPECT_EQ(message(Rules(given({"--setting=a", "--config=b"})).one_name("config", "config", "setting")),
            "Options --config and --setting cannot be specified together.");
  EXPECT_FALSE(Rules(given({"--setting=a", "--setting=b"})).one_name("config", "config", "setting").broken());
}

TEST(Rules, OfTheBrokenOnesTheFirstCounts) {
  const Given line = given({"--alter"});
  Rules rules(line);
  rules.require({"alter"}).that(true, "not said").that(false, "first", Show::message).that(false, "second");
  rules.check([]() -> std::optional<UsageError> { return UsageError{"not asked"}; });
  ASSERT_TRUE(rules.broken());
  EXPECT_EQ(*rules.broken(), (UsageError{"first", Show::message}));
}

TEST(Rules, ThatHoldLeaveNothingBroken) {
  const Given line = given({"--alter", "--bootstrap-server=a:1"});
  Rules rules(line);
  rules.require({"alter"}).forbid("alter", {"create"}).forbid("create", {"alter"});
  rules.forbid_all({"bootstrap-server", "config"}, {"alter"});
  EXPECT_FALSE(rules.broken());
}

}  // namespace
}  // namespace kt::cli
