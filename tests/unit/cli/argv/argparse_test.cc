// The expected values were obtained by running argparse4j 0.7.0 with the same table and words; kt does not
// re-flow long messages.
#include "libcli/commands/argv/argparse.h"

#include <gtest/gtest.h>

#include "libcli/commands/argv/command_line.h"

namespace kt::cli {
namespace {

constexpr OptionSpec options[] = {
    {.name = "bootstrap-server", .value = Value::text, .help = "the servers"},
    {.name = "bootstrap-controller", .value = Value::text, .help = "the controllers"},
    {.name = "command-config", .value = Value::text, .help = "a file"},
    {.name = "help", .letter = 'h', .informs = true, .help = "help"},
};
constexpr OptionSpec describe_options[] = {
    {.name = "id", .letter = 'i', .value = Value::integer, .required = true, .help = "the id"},
    {.name = "name", .letter = 'n', .value = Value::text, .help = "a name"},
    {.name = "flag", .letter = 'f', .help = "a flag"},
    {.name = "gag", .letter = 'g', .help = "a gag"},
    {.name = "feature", .value = Value::text, .many = Many::occurrences, .help = "features"},
    {.name = "props", .value = Value::text, .many = Many::words, .help = "properties"},
    {.name = "num", .value = Value::number, .help = "a number"},
    {.name = "kind", .value = Value::text, .choices = "a b", .help = "a kind"},
};
constexpr Subcommand subcommands[] = {
    {.name = "describe", .help = "Describe it", .options = describe_options},
    {.name = "detail", .help = "d"},
    {.name = "unregister", .help = "u"},
};
constexpr OneOf exclusive[] = {{.options = "bootstrap-server bootstrap-controller"}};
constexpr OneOf exactly_one[] = {{.options = "bootstrap-server bootstrap-controller", .required = true}};
constexpr Grammar grammar{.options = options, .one_of = exclusive, .subcommands = subcommands};

std::expected<Given, UsageError> read(std::vector<std::string> words, const Grammar& by = grammar) {
  return read_command_line(Family::argparse, by, {.prefixes = true}, words);
}

std::string understood(const std::expected<Given, UsageError>& given) {
  if (!given) return "error: " + given.error().message;
  std::string text(given->subcommand());
  for (const OptionSpec* option : given->in_order()) {
    text.append(" ").append(option->name);
    for (const std::string& value : given->all(option->name)) text += "=" + value;
  }
  return text;
}

struct Line {
  std::vector<std::string> words;
  std::string expected;
};
void PrintTo(const Line& line, std::ostream* out) { *out << testing::PrintToString(line.words); }

class ArgparseLine : public testing::TestWithParam<Line> {};
TEST_P(ArgparseLine, IsUnderstoodAsArgparseDoes) {
  EXPECT_EQ(understood(read(GetParam().words)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Subcommands, ArgparseLine,
    testing::Values(
        Line{{}, "error: too few arguments"}, Line{{"desc", "--id", "3"}, "describe id=3"},
        Line{{"de", "--id", "3"}, "error: ambiguous command: de could match describe, detail"},
        Line{{"uncle"}, "error: invalid choice: 'uncle' (choose from 'describe', 'detail', 'unregister')"},
        Line{{"describe", "--id", "1", "extra", "words"}, "error: unrecognized arguments: 'extra words'"},
        Line{{"describe", "--id", "1", "--", "--flag"}, "error: unrecognized arguments: '--flag'"}));

INSTANTIATE_TEST_SUITE_P(
    Values, ArgparseLine,
    testing::Values(Line{{"describe", "-i3"}, "describe id=3"}, Line{{"describe", "-i=3"}, "describe id=3"},
                    Line{{"describe", "-i", "3"}, "describe id=3"},
                    Line{{"describe", "--id=3"}, "describe id=3"},
                    Line{{"describe", "-fgi3"}, "describe flag gag id=3"},
                    Line{{"describe", "-fi", "3"}, "describe flag id=3"},
                    Line{{"describe", "--id", "-1"}, "describe id=-1"},
                    Line{{"describe", "--id", "1", "--name", "-1"}, "describe id=1 name=-1"},
                    Line{{"describe", "--id", "1", "--name="}, "describe id=1 name="},
                    Line{{"describe", "-n", "", "--id", "1"}, "describe name= id=1"},
                    Line{{"describe", "--id", "1", "--feature", "a", "--feature", "b"},
                         "describe id=1 feature=a=b"},
                    Line{{"describe", "--id", "1", "--props", "a=b", "c=d", "--flag"},
                         "describe id=1 props=a=b=c=d flag"},
                    Line{{"describe", "--id", "1", "--num", "1e3"}, "describe id=1 num=1e3"},
                    Line{{"describe", "--id", "1", "-f", "-f"}, "describe id=1 flag"}));

INSTANTIATE_TEST_SUITE_P(
    Prefixes, ArgparseLine,
    testing::Values(
        Line{{"--bootstrap-s", "x", "describe", "-i3"}, "describe bootstrap-server=x id=3"},
        Line{{"--boot", "x", "describe", "-i", "3"},
             "error: ambiguous option: --boot could match --bootstrap-server, --bootstrap-controller"}));

INSTANTIATE_TEST_SUITE_P(
    Refusals, ArgparseLine,
    testing::Values(
        Line{{"describe"}, "error: argument --id/-i is required"},
        Line{{"describe", "--id"}, "error: argument --id/-i: expected one argument"},
        Line{{"describe", "--id", "1", "--name", "-x"}, "error: argument --name/-n: expected one argument"},
        Line{{"describe", "--id", "1", "--name", "--flag"},
             "error: argument --name/-n: expected one argument"},
        Line{{"describe", "--id", "1", "--props"}, "error: argument --props: expected 1 argument(s)"},
        Line{{"describe", "--id", "q"},
             "error: argument --id/-i: could not convert 'q' to Integer (For input string: \"q\")"},
        Line{{"describe", "--id", "1", "--num", "x"},
             "error: argument --num: could not convert 'x' to Double (For input string: \"x\")"},
        Line{{"describe", "--id", "1", "--flag=x"},
             "error: argument --flag/-f: ignore implicit argument 'x'"},
        Line{{"describe", "--id", "1", "--kind", "c"},
             "error: argument --kind: invalid choice: 'c' (choose from {a,b})"},
        Line{{"describe", "--id", "1", "--x", "--y=3"}, "error: unrecognized arguments: '--x'"},
        Line{{"describe", "-x"}, "error: unrecognized arguments: '-x'"},
        Line{{"describe", "-fx", "--id", "1"}, "error: unrecognized arguments: '-fx'"},
        Line{{"describe", "-id"},
             "error: argument --id/-i: could not convert 'd' to Integer (For input string: \"d\")"},
        Line{{"--bootstrap-server", "a", "--bootstrap-controller", "b", "describe", "-i1"},
             "error: argument --bootstrap-controller: not allowed with argument --bootstrap-server"},
        Line{{"--bootstrap-controller", "b", "--bootstrap-server", "a", "describe", "-i1"},
             "error: argument --bootstrap-server: not allowed with argument --bootstrap-controller"}));

TEST(Argparse, OneOfAGroupMayBeRequired) {
  EXPECT_EQ(understood(read({"describe", "--id", "1"},
                            {.options = options, .one_of = exactly_one, .subcommands = subcommands})),
            "error: one of the arguments --bootstrap-server --bootstrap-controller is required");
}

TEST(Argparse, HelpIsActedOnAtOnce) {
  EXPECT_EQ(understood(read({"-h"})), " help");
  EXPECT_EQ(understood(read({"describe", "--help", "--nonsense"})), "describe help");
}

TEST(Argparse, TheLastOfSeveralWins) {
  const auto given = read({"describe", "--id", "1", "--id", "2"});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->integer("id"), 2);
}

TEST(Argparse, GlobalOptionsMayFollowTheSubcommandInKt) {
  EXPECT_EQ(understood(read({"describe", "--id", "1", "--bootstrap-server", "x"})),
            "describe id=1 bootstrap-server=x");
}

TEST(Argparse, AnUnknownOptionIsNamedForSuggestions) {
  EXPECT_EQ(read({"describe", "--id", "1", "--nmae", "x"}).error(),
            (UsageError{"unrecognized arguments: '--nmae'", Show::usage, "nmae", "describe"}));
}

TEST(Argparse, WithoutFreedomNamesAreWrittenOut) {
  const std::vector<std::string> words = {"describe", "--fla", "--id=1"};
  EXPECT_EQ(read_command_line(Family::argparse, grammar, {}, words).error().message,
            "unrecognized arguments: '--fla'");
}

}  // namespace
}  // namespace kt::cli
