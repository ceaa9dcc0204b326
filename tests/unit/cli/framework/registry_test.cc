#include "libcli/commands/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "libcli/commands/completion/candidates.h"
#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/version.h"
#include "tests/support/source_dir.h"
#include "tests/unit/cli/world.h"

namespace kt::cli {
namespace {

/// As a man page writes it.
std::string as_roff(std::string_view text) {
  std::string written(text);
  for (size_t at = 0; (at = written.find('-', at)) != std::string::npos; at += 2) written.insert(at, "\\");
  return written;
}

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<OptionSpecs> option_lists(const Syntax& syntax) {
  std::vector<OptionSpecs> lists = {syntax.grammar.options};
  for (const Subcommand& subcommand : syntax.grammar.subcommands) lists.push_back(subcommand.options);
  return lists;
}

TEST(Registry, EveryCommandIsDescribed) {
  for (const Command* command : all_commands()) {
    const Syntax& syntax = command->syntax;
    SCOPED_TRACE(syntax.name);
    EXPECT_FALSE(syntax.summary.empty());
    EXPECT_FALSE(syntax.summary.ends_with('.'));
    if (!syntax.hidden) {
      EXPECT_GE(syntax.examples.size(), 2u);
    }
    if (!syntax.script.empty()) {
      EXPECT_FALSE(syntax.purpose.empty());
      EXPECT_EQ(syntax.family == Family::argparse, !syntax.program.empty());
    }
    for (const OptionSpecs list : option_lists(syntax)) {
      for (const OptionSpec& option : list) {
        SCOPED_TRACE(option.name);
        EXPECT_FALSE(option.help.empty());
        EXPECT_FALSE(option.help.ends_with('.'));
        EXPECT_EQ(option.complete == Complete::choice, !option.choices.empty());
        if (option.value == Value::none) {
          EXPECT_TRUE(option.value_name.empty() && option.default_value.empty() && option.many == Many::no);
        }
      }
    }
  }
}

TEST(Registry, NoNameOrLetterMeansTwoThingsInOneCommand) {
  for (const Command* command : all_commands()) {
    for (const OptionSpecs list : option_lists(command->syntax)) {
      std::set<std::string_view> names;
      std::set<char> letters;
      for (const OptionSpec& option : list) {
        SCOPED_TRACE(option.name);
        EXPECT_TRUE(names.insert(option.name).second);
        if (option.letter != 0) {
          EXPECT_TRUE(letters.insert(option.letter).second);
        }
        for (const Alias& alias : option.aliases) {
          if (alias.kind != Alias::Kind::none) {
            EXPECT_TRUE(names.insert(alias.name).second);
          }
        }
      }
    }
  }
}

TEST(Registry, NoTwoCommandsShareAName) {
  std::map<std::string_view, int> names;
  for (const Command* command : all_commands()) {
    ++names[command->syntax.name];
    if (!command->syntax.script.empty() && command->syntax.script != command->syntax.name)
      ++names[command->syntax.script];
    for_each_word(command->syntax.also, [&](std::string_view name) { ++names[name]; });
  }
  for (const auto& [name, count] : names) EXPECT_EQ(count, 1) << name;
}

TEST(Registry, WhatTheShellIsOfferedIsUnderstood) {
  for (const Command* command : all_commands()) {
    const Syntax& syntax = command->syntax;
    for (const std::string& option :
         completion::candidates({{"kt", std::string(syntax.name)}, "--"}, all_commands())) {
      const std::vector<OptionSpec> common = common_options(Mode::kt, syntax);
      EXPECT_NE(OptionTable({syntax.grammar.options, common}).find(option.substr(2)), nullptr) << option;
    }
  }
}

TEST(Registry, ManPagesNameEveryOption) {
  World world;
  for (const Command* command : all_commands()) {
    ASSERT_EQ(world.run(all_commands(), "kt", {"help", "man", std::string(command->syntax.name)}), 0);
    for (const OptionSpecs list : option_lists(command->syntax)) {
      for (const OptionSpec& option : list) {
        EXPECT_THAT(world.out, HasSubstr(as_roff(option.name)));
      }
    }
  }
}

TEST(Registry, TheManPageOfKtNamesEveryCommandAndVariable) {
  World world;
  ASSERT_EQ(world.run(all_commands(), "kt", {"help", "man", "kt"}), 0);
  EXPECT_THAT(world.out, HasSubstr("\n.BR kt\\-dump\\-log (1)\n"));
  for (const Command* command : all_commands()) {
    const bool is_named = world.out.find(as_roff(command->syntax.summary)) != std::string::npos;
    EXPECT_EQ(is_named, !command->syntax.hidden) << command->syntax.name;
  }
  for (const Variable& variable : variables())
    EXPECT_THAT(world.out, HasSubstr("\n.B " + std::string(variable.name) + "\n"));
}

TEST(Version, IsTheBuilds) {
  std::ifstream file(test::source_dir() / "CMakeLists.txt");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("project(kt VERSION " + std::string(kt_version) + " "));
}

TEST(Help, SpeaksOfCommandsAndVariables) {
  World world;
  EXPECT_EQ(world.run(all_commands(), "kt", {"help", "storage"}), 0);
  EXPECT_THAT(world.out, HasSubstr("kt storage random-uuid\n"));
  EXPECT_EQ(world.run(all_commands(), "kt", {"help", "environment"}), 0);
  EXPECT_THAT(world.out, HasSubstr("KT_BOOTSTRAP_SERVERS  "));
  EXPECT_EQ(world.run(all_commands(), "kt", {"help", "nonsense"}), 4);
  EXPECT_EQ(world.err, "error: kt has no command nonsense\n  try: kt help\n");
  EXPECT_EQ(world.run(all_commands(), "kt", {"help", "two", "words"}), 2);
}

TEST(Storage, MakesIds) {
  World world;
  EXPECT_EQ(world.run(all_commands(), "kafka-storage.sh", {"random-uuid"}), 0);
  EXPECT_EQ(world.out.size(), 23u);
  const std::string first = world.out;
  EXPECT_EQ(world.run(all_commands(), "kt", {"storage", "random-uuid"}), 0);
  EXPECT_NE(world.out, first);
}

}  // namespace
}  // namespace kt::cli
