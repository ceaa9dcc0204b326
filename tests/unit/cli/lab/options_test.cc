#include "libcli/commands/lab/options.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::lab {
namespace {

std::expected<Options, UsageError> parsed(const std::vector<std::string>& words) {
  World world;
  return parse_words(syntax, parse, world, Mode::kt, words);
}
std::string refusal(const std::vector<std::string>& words) {
  const auto options = parsed(words);
  return options ? "accepted" : options.error().message;
}

TEST(LabOptions, UpAloneIsThreeBrokersFrom9092On) {
  const auto options = parsed({"up"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->up.name, "lab");
  EXPECT_EQ(options->up.brokers, 3);
  EXPECT_EQ(options->up.controllers, 1);
  EXPECT_EQ(options->up.port_base, 9092);
  EXPECT_TRUE(options->up.may_move);
  EXPECT_EQ(options->up.timeout_ms, 30'000);
  EXPECT_EQ(options->up.ttl_ms, 12 * 3'600'000);
}

TEST(LabOptions, ScaffoldIsForTheHomeDirectoryUnlessAnotherIsNamed) {
  EXPECT_EQ(parsed({"scaffold", "somewhere"})->scaffold.directory, "somewhere");
  World world;
  world.variables["HOME"] = "/home/reader";
  EXPECT_EQ(parse_words(syntax, parse, world, Mode::kt, {"scaffold"})->scaffold.directory, "/home/reader");
}

TEST(LabOptions, APortBaseThatWasAskedForIsKept) {
  const auto fixed = parsed({"up", "x", "--port-base", "9092"}), any = parsed({"up", "--port-base", "auto"});
  ASSERT_TRUE(fixed && any);
  EXPECT_EQ(fixed->up.name, "x");
  EXPECT_FALSE(fixed->up.may_move);
  EXPECT_EQ(any->up.port_base, std::nullopt);
}

TEST(LabOptions, WhatCannotBeIsRefusedWithWhatCan) {
  EXPECT_EQ(refusal({"up", "--brokers", "0"}), "--brokers is 1 to 20");
  EXPECT_EQ(refusal({"up", "--controllers", "10"}), "--controllers is 1 to 9");
  EXPECT_EQ(refusal({"up", "--port-base", "x"}), "--port-base is a port or auto, not x");
  EXPECT_EQ(refusal({"up", "--port-base", "65500"}), "--port-base is a port or auto, not 65500");
  EXPECT_EQ(refusal({"up", "../x"}), "a lab's name is of letters, digits, '-', '_' and '.', not ../x");
  EXPECT_EQ(refusal({"up", "--timeout", "soon"}), "--timeout is a time such as 30s, not soon");
  EXPECT_EQ(refusal({"up", "--foreground", "--detach"}),
            "argument --detach: not allowed with argument --foreground");
  EXPECT_EQ(refusal({"kill"}), "argument --node is required");
  EXPECT_EQ(refusal({"kill", "1", "--signal", "x"}), "--signal is a signal such as KILL or 9, not x");
  EXPECT_EQ(refusal({"restart"}), "one of the arguments --node --rolling is required");
}

TEST(LabOptions, TheLabIsNamedByAWordAnOptionOrTheVariable) {
  World world;
  world.variables["KT_LAB"] = "other";
  EXPECT_EQ(parsed({"status"})->lab, std::nullopt);
  EXPECT_EQ(parse_words(syntax, parse, world, Mode::kt, {"kill", "1"})->lab, "other");
  EXPECT_EQ(parse_words(syntax, parse, world, Mode::kt, {"kill", "1", "--lab", "x"})->lab, "x");
  EXPECT_EQ(parse_words(syntax, parse, world, Mode::kt, {"status", "y"})->lab, "y");
}

TEST(LabOptions, ACheckKeepsTheWordsOfItsCommand) {
  const auto options = parsed({"expect", "error", "36", "--within", "2s", "--", "kt", "topics", "--create"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->expect.words, (std::vector<std::string>{"error", "36", "kt", "topics", "--create"}));
  EXPECT_EQ(options->expect.patience.within_ms, 2000);
  EXPECT_EQ(refusal({"expect", "isr", "--for", "x"}), "--for is a time such as 5s, not x");
  EXPECT_EQ(refusal({"expect"}), "argument --check is required");
}

TEST(LabOptions, SignalsHaveNamesAndNumbers) {
  EXPECT_EQ(parse_signal("9"), SIGKILL);
  EXPECT_EQ(parse_signal("TERM"), SIGTERM);
  EXPECT_EQ(parse_signal("SIGABRT"), SIGABRT);
  EXPECT_EQ(parse_signal("0"), std::nullopt);
  EXPECT_EQ(parse_signal("999"), std::nullopt);
  EXPECT_EQ(parse_signal("9x"), std::nullopt);
}

}  // namespace
}  // namespace kt::cli::lab
