#include "libcli/commands/completion/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libcli/commands/registry.h"
#include "tests/unit/cli/world.h"

namespace kt::cli::completion {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr OptionSpec specs[] = {
    {.name = "bootstrap-server", .letter = 'b', .value = Value::text, .help = "b"},
    {.name = "create", .action = true, .help = "c"},
    {.name = "list", .action = true, .help = "l"},
    {.name = "topic", .value = Value::text, .positional = true, .help = "t"},
    {.name = "offset",
     .value = Value::text,
     .choices = "earliest latest",
     .complete = Complete::choice,
     .help = "o"},
    {.name = "old", .group = Group::legacy, .help = "o"},
};
constexpr Syntax syntax{.name = "topics",
                        .script = "kafka-topics",
                        .summary = "t",
                        .grammar = {.options = specs},
                        .outputs = "table json"};
constexpr OptionSpec draw_options[] = {{.name = "size", .value = Value::integer, .help = "s"}};
constexpr Subcommand subcommands[] = {{.name = "draw", .help = "d", .options = draw_options},
                                      {.name = "rub", .help = "r"}};
constexpr Syntax shapes_syntax{.name = "shapes",
                               .family = Family::argparse,
                               .summary = "s",
                               .grammar = {.options = {}, .subcommands = subcommands}};
constexpr Syntax secret_syntax{.name = "__secret", .summary = "s", .hidden = true};

std::expected<Exit, UsageError> nothing(const Call&, Streams&) { return Exit::done; }
constexpr Command topics{syntax, nothing}, shapes{shapes_syntax, nothing}, secret{secret_syntax, nothing};
constexpr const Command* commands[] = {&topics, &shapes, &secret};

std::vector<std::string> offered(std::string_view text) { return candidates(split_line(text), commands); }

TEST(SplitLine, FollowsTheShell) {
  const Line line = split_line(R"(kt  topics --topic "a b" c\ d 'e\f' "g\"h" be)");
  EXPECT_THAT(line.words, ElementsAre("kt", "topics", "--topic", "a b", "c d", "e\\f", "g\"h"));
  EXPECT_EQ(line.begun, "be");
  EXPECT_EQ(split_line("kt ").begun, "");
  EXPECT_EQ(split_line("kt 'open wo").begun, "open wo");
}

TEST(Candidates, AreCommandsFirst) {
  EXPECT_THAT(offered("kt "), ElementsAre("--help", "--version", "shapes", "topics"));
  EXPECT_THAT(offered("/usr/bin/kt to"), ElementsAre("topics"));
  EXPECT_THAT(offered("kt nonsense "), IsEmpty());
  EXPECT_THAT(offered("k"), IsEmpty());
}

TEST(Candidates, AreThenVerbsAndOptions) {
  EXPECT_THAT(offered("kt topics "), ElementsAre("create", "list"));
  EXPECT_THAT(offered("kt topics create "), IsEmpty());
  EXPECT_THAT(offered("kt topics --create l"), IsEmpty());
  EXPECT_THAT(offered("kt topics create --bo"), ElementsAre("--bootstrap-server"));
  EXPECT_THAT(offered("kt topics -"), Not(Contains("--old")));
  EXPECT_THAT(offered("kt shapes "), ElementsAre("draw", "rub"));
  EXPECT_THAT(offered("kt shapes draw --s"), ElementsAre("--size"));
}

TEST(Candidates, AreTheValuesOfTheOptionBefore) {
  EXPECT_THAT(offered("kt topics --offset "), ElementsAre("earliest", "latest"));
  EXPECT_THAT(offered("kt topics --offset e"), ElementsAre("earliest"));
  EXPECT_THAT(offered("kt topics --offset=l"), ElementsAre("--offset=latest"));
  EXPECT_THAT(offered("kt topics -o j"), ElementsAre("json"));
  EXPECT_THAT(offered("kt topics -b "), IsEmpty());
}

TEST(Candidates, OfAScriptAreTheScripts) {
  EXPECT_THAT(offered("bin/kafka-topics.sh --of"), ElementsAre("--offset"));
  EXPECT_THAT(offered("kafka-topics.sh --out"), IsEmpty());
}

TEST(AfterWordBreak, LeavesWhatBashHasAlready) {
  EXPECT_EQ(after_word_break("--offset=latest", "--offset=l", "=:"), "latest");
  EXPECT_EQ(after_word_break("--offset=latest", "--offset=l", ""), "--offset=latest");
  EXPECT_EQ(after_word_break("t:12", "t:1", "=:"), "12");
}

TEST(Complete, AnswersBash) {
  World world;
  world.variables = {{"COMP_LINE", "kt sto rest"}, {"COMP_POINT", "6"}, {"COMP_WORDBREAKS", " =:"}};
  EXPECT_EQ(world.run(all_commands(), "kt", {"__complete", "bash"}), 0);
  EXPECT_EQ(world.out, "storage\n");
  EXPECT_EQ(world.run(all_commands(), "kt", {"completion", "bash"}), 0);
  EXPECT_THAT(world.out, testing::EndsWith("complete -o default -F _kt kt\n"));
  EXPECT_EQ(world.run(all_commands(), "kt", {"completion", "tcsh"}), 2);
}

}  // namespace
}  // namespace kt::cli::completion
