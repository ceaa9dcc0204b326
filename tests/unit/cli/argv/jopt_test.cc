// The expected values were obtained by running jopt-simple 5.0.4 with the same table and words.
#include <gtest/gtest.h>

#include "libcli/commands/argv/command_line.h"

namespace kt::cli {
namespace {

constexpr OptionSpec options[] = {
    {.name = "topic", .value = Value::text, .value_name = "topic", .help = "t"},
    {.name = "n", .value = Value::integer, .default_value = "3", .help = "num"},
    {.name = "num", .value = Value::integer, .value_optional = true, .default_value = "5", .help = "num opt"},
    {.name = "state", .value = Value::text, .value_optional = true, .help = "state"},
    {.name = "list", .help = "l"},
    {.name = "csv", .value = Value::text, .many = Many::commas, .help = "c"},
    {.name = "config", .value = Value::text, .many = Many::occurrences, .help = "c"},
    {.name = "long", .value = Value::long_integer, .help = "c"},
    {.name = "a", .help = "flag a"},
    {.name = "b", .help = "flag b"},
    {.name = "bootstrap-server",
     .letter = 'B',
     .aliases = {old_name("broker-list"), renamed("bootstrap")},
     .value = Value::text,
     .help = "servers"},
};
constexpr Grammar grammar{.options = options};

std::expected<Given, UsageError> read(std::vector<std::string> words, Freedom freedom = {}) {
  return read_command_line(Family::jopt, grammar, freedom, words);
}

/// What was understood: "topic=x list n=[5] stray=[a b]".
std::string understood(const std::expected<Given, UsageError>& given) {
  if (!given) return "error: " + given.error().message;
  std::string text;
  for (const OptionSpec* option : given->in_order()) {
    text.append(text.empty() ? "" : " ").append(option->name);
    for (const std::string& value : given->all(option->name)) text += "=" + value;
  }
  for (const std::string& word : given->words()) text += " <" + word + ">";
  return text;
}

struct Line {
  std::vector<std::string> words;
  std::string expected;
};
void PrintTo(const Line& line, std::ostream* out) { *out << testing::PrintToString(line.words); }

class JoptLine : public testing::TestWithParam<Line> {};
TEST_P(JoptLine, IsUnderstoodAsJoptDoes) {
  EXPECT_EQ(understood(read(GetParam().words)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(ValuesOfLongOptions, JoptLine,
                         testing::Values(Line{{"--topic", "x"}, "topic=x"}, Line{{"--topic=x"}, "topic=x"},
                                         Line{{"--topic="}, "topic="}, Line{{"--topic", ""}, "topic="},
                                         Line{{"--topic=a=b"}, "topic=a=b"},
                                         Line{{"--topic=[a,b]"}, "topic=[a,b]"},
                                         Line{{"--config=[a,b]", "--config", "[c]"}, "config=[a,b]=[c]"},
                                         Line{{"--topic", "--list"}, "topic=--list"},
                                         Line{{"--topic", "--"}, "topic=--"}, Line{{"--n", "-1"}, "n=-1"},
                                         Line{{"--topic"}, "error: Option topic requires an argument"}));

INSTANTIATE_TEST_SUITE_P(OneDash, JoptLine,
                         testing::Values(Line{{"-topic", "x"}, "topic=x"}, Line{{"-topic=x"}, "topic=x"},
                                         Line{{"-list"}, "list"}, Line{{"-ab"}, "a b"}, Line{{"-n5"}, "n=5"},
                                         Line{{"-an5"}, "a n=5"}, Line{{"-n=5"}, "n=5"}, Line{{"-a=b"}, "a"},
                                         Line{{"-an", "5"}, "a n=5"},
                                         Line{{"-ac"}, "error: c is not a recognized option"},
                                         Line{{"-lis"}, "error: l is not a recognized option"},
                                         Line{{"-Wfoo"}, "error: W is not a recognized option"},
                                         Line{{"-topic"}, "error: Option topic requires an argument"}));

INSTANTIATE_TEST_SUITE_P(UnknownNames, JoptLine,
                         testing::Values(Line{{"--lis"}, "error: lis is not a recognized option"},
                                         Line{{"--nope=3"}, "error: nope is not a recognized option"},
                                         Line{{"-x"}, "error: x is not a recognized option"},
                                         Line{{"-B", "h:1"}, "error: B is not a recognized option"}));

INSTANTIATE_TEST_SUITE_P(
    OptionalValues, JoptLine,
    testing::Values(Line{{"--num", "7", "--topic", "t"}, "num=7 topic=t"}, Line{{"--num", "-1"}, "num=-1"},
                    Line{{"--num", "abc", "--topic", "t"}, "num topic=t <abc>"}, Line{{"--num"}, "num"},
                    Line{{"--num", "--", "5"}, "num <5>"}, Line{{"--state", "--list"}, "state list"},
                    Line{{"--state", "Stable"}, "state=Stable"}, Line{{"--state", "--", "x"}, "state <x>"},
                    Line{{"--state", "-"}, "state=-"}, Line{{"--state="}, "state="},
                    Line{{"--state", "-x"}, "error: x is not a recognized option"}));

INSTANTIATE_TEST_SUITE_P(Flags, JoptLine,
                         testing::Values(Line{{"--list=yes"}, "list"}, Line{{"--list", "--list"}, "list"},
                                         Line{{"--list", "-"}, "list <->"},
                                         Line{{"stray", "--list"}, "list <stray>"},
                                         Line{{"--", "--list", "x"}, " <--list> <x>"}));

INSTANTIATE_TEST_SUITE_P(
    Lists, JoptLine,
    testing::Values(Line{{"--csv", "a,b", "--csv", "c,,d", "--csv", ","}, "csv=a=b=c=d=,"},
                    Line{{"--csv="}, "csv="},
                    Line{{"--topic", "a", "--topic", "b"},
                         "error: Found multiple arguments for option topic, but you asked for only one"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, JoptLine,
    testing::Values(Line{{"--n=q"}, "error: Cannot parse argument 'q' of option n"},
                    Line{{"-nab"}, "error: Cannot parse argument 'ab' of option n"},
                    Line{{"--n", "2147483648"}, "error: Cannot parse argument '2147483648' of option n"},
                    Line{{"--n", "+7"}, "n=+7"},
                    Line{{"--n", "0x10"}, "error: Cannot parse argument '0x10' of option n"},
                    Line{{"--n", " 7"}, "error: Cannot parse argument ' 7' of option n"},
                    Line{{"--long", "9223372036854775807"}, "long=9223372036854775807"},
                    Line{{"--long", "99999999999999999999"},
                         "error: Cannot parse argument '99999999999999999999' of option long"}));

TEST(Jopt, DefaultsStandInForWhatIsNotGiven) {
  const auto given = read({"--num"});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->integer("n"), 3);
  EXPECT_EQ(given->integer("num"), 5);
  EXPECT_EQ(given->text("state"), std::nullopt);
  EXPECT_FALSE(given->has("n"));
  EXPECT_TRUE(given->has("num"));
}

TEST(Jopt, AnAliasIsTheSameOptionAndRemembersItsSpelling) {
  const auto given = read({"--broker-list", "h:9092"});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->text("bootstrap-server"), "h:9092");
  EXPECT_EQ(given->spelling("bootstrap-server"), "broker-list");
  EXPECT_EQ(given->spelling("topic"), "");
}

TEST(Jopt, WordsItCannotReadAreToldAsTheToolDoes) {
  EXPECT_EQ(read({"--lis"}).error().show, Show::parser_error);
  EXPECT_EQ(read({"--topic"}).error().show, Show::parser_error);
  EXPECT_EQ(read({"--n", "x"}).error().show, Show::message);  // found when the tool reads it
  EXPECT_EQ(read({"--topic", "a", "--topic", "b"}).error().show, Show::message);
}

TEST(Jopt, LettersAndPrefixesAreForTheWilling) {
  EXPECT_EQ(understood(read({"-B", "h:1"}, {.letters = true})), "bootstrap-server=h:1");
  EXPECT_EQ(understood(read({"-aB", "h:1"}, {.letters = true})), "a bootstrap-server=h:1");
  EXPECT_EQ(understood(read({"--lis"}, {.prefixes = true})), "list");
  EXPECT_EQ(understood(read({"--broker", "h:1"}, {.prefixes = true})), "bootstrap-server=h:1");
  EXPECT_EQ(understood(read({"--l"}, {.prefixes = true})),
            "error: l is not a recognized option");  // list, long
}

TEST(Jopt, WordsMayStandForAVerbAndItsObject) {
  constexpr OptionSpec table[] = {
      {.name = "create", .action = true, .help = "c"},
      {.name = "list", .action = true, .help = "l"},
      {.name = "check", .value = Value::text, .action = true, .help = "c"},
      {.name = "topic", .value = Value::text, .positional = true, .help = "t"},
  };
  const auto read_words = [&](std::vector<std::string> words) {
    return understood(read_command_line(Family::jopt, {.options = table}, {.words = true}, words));
  };
  EXPECT_EQ(read_words({"create", "orders"}), "create topic=orders");
  EXPECT_EQ(read_words({"--create", "orders"}), "create topic=orders");
  EXPECT_EQ(read_words({"--topic", "orders", "create"}), "topic=orders create");
  EXPECT_EQ(read_words({"--create", "--topic", "orders"}), "create topic=orders");
  EXPECT_EQ(read_words({"crate", "orders"}), "error: Unknown action: crate");
  EXPECT_EQ(read_words({"create", "orders", "refunds", "x"}), "error: unrecognized arguments: 'refunds x'");
  EXPECT_EQ(read_words({}), "");
  EXPECT_EQ(read_words({"check", "a.*", "orders"}), "check=a.* topic=orders");
  EXPECT_EQ(read_words({"check"}), "error: Option check requires an argument");
}

TEST(Jopt, RequiredAndUnavailableOptions) {
  constexpr OptionSpec table[] = {
      {.name = "files", .value = Value::text, .required = true, .help = "f"},
      {.name = "to", .value = Value::text, .required = true, .help = "t"},
      {.name = "members", .available_with = "describe list", .help = "m"},
      {.name = "offsets", .available_with = "describe", .help = "m"},
      {.name = "describe", .help = "d"},
      {.name = "list", .help = "l"},
      {.name = "help", .informs = true, .help = "h"},
  };
  const auto message = [&](std::vector<std::string> words) {
    const auto given = read_command_line(Family::jopt, {.options = table}, {}, words);
    return given ? std::string() : given.error().message;
  };
  EXPECT_EQ(message({"--describe"}), "Missing required option(s) [files, to]");
  EXPECT_EQ(message({"--files", "a"}), "Missing required option(s) [to]");
  EXPECT_EQ(message({"--help"}), "");
  EXPECT_EQ(message({"--files=a", "--to=b", "--members", "--list"}), "");
  EXPECT_EQ(message({"--files=a", "--to=b", "--members", "--offsets"}),
            "Option(s) [members, offsets] are unavailable given other options on the command line");
}

}  // namespace
}  // namespace kt::cli
