#include "libcli/commands/framework/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <ostream>

#include "libcli/commands/framework/connection.h"
#include "tests/unit/cli/world.h"

namespace kt::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A jopt tool and an argparse tool that print what they understood.

constexpr OptionSpec jopt_specs[] = {
    {.name = "bootstrap-server",
     .letter = 'b',
     .aliases = {old_name("broker-list")},
     .value = Value::text,
     .value_name = "servers",
     .group = Group::connection,
     .help = "The servers"},
    {.name = "zookeeper", .value = Value::text, .group = Group::legacy, .help = "The ZooKeeper address"},
    {.name = "command-config",
     .value = Value::text,
     .value_name = "file",
     .group = Group::connection,
     .help = "A file"},
    {.name = "create", .action = true, .help = "Make one"},
    {.name = "list", .action = true, .help = "List all"},
    {.name = "topic", .value = Value::text, .value_name = "topic", .positional = true, .help = "The topic"},
    {.name = "queue-size",
     .value = Value::integer,
     .ignored = Ignored::with_warning,
     .group = Group::legacy,
     .help = "q"},
    {.name = "new-consumer", .ignored = Ignored::silently, .group = Group::legacy, .help = "n"},
};
constexpr Example jopt_examples[] = {{"kt things create one", "Make a thing"},
                                     {"kt things list", "List things"}};
constexpr Syntax jopt_syntax{.name = "things",
                             .script = "kafka-things",
                             .also = "kafka-old-things",
                             .family = Family::jopt,
                             .summary = "Make and list things",
                             .purpose = "This tool makes things.",
                             .grammar = {.options = jopt_specs},
                             .examples = jopt_examples,
                             .outputs = "table json",
                             .message_prefix = "Error occurred: "};

std::expected<Exit, UsageError> enter_things(const Call& call, Streams& streams) {
  if (call.given.text("topic") == "bad") return std::unexpected(UsageError{"Bad topic"});
  if (call.given.text("topic") == "worse") return std::unexpected(UsageError{"Worse topic", Show::message});
  if (call.given.text("topic") == "worst")
    return std::unexpected(UsageError{"Worst topic", Show::message_on_out});
  if (call.given.text("topic") == "missing") return Exit::not_found;
  if (call.given.text("topic") == "interrupted") return Exit::interrupted;
  const auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  streams.out << "at " << connection->addresses;
  if (connection->through == Connection::Through::zookeeper_port) streams.out << " (zookeeper)";
  for (const auto& [key, value] : connection->properties) streams.out << ' ' << key << '=' << value;
  if (call.setting.era == Era::kafka_0_10) streams.out << " 0.10";
  streams.out << '\n';
  return Exit::done;
}
constexpr Command things{jopt_syntax, enter_things};

constexpr OptionSpec shape_options[] = {
    {.name = "size", .letter = 's', .value = Value::integer, .required = true, .help = "The size"},
    {.name = "group", .value = Value::text, .value_name = "id", .help = "The group"},
};
constexpr Subcommand shapes_subcommands[] = {{.name = "draw", .help = "Draw it", .options = shape_options},
                                             {.name = "rub", .help = "Rub it out"}};
constexpr Syntax argparse_syntax{.name = "shapes",
                                 .script = "kafka-shapes",
                                 .program = "kafka-shapes",
                                 .family = Family::argparse,
                                 .summary = "Draw shapes",
                                 .purpose = "The shape tool.",
                                 .grammar = {.options = {}, .subcommands = shapes_subcommands},
                                 .argument_files = true};
constexpr Command shapes{
    argparse_syntax, [](const Call& call, Streams& streams) -> std::expected<Exit, UsageError> {
      streams.out << call.given.subcommand() << ' ' << call.given.integer("size").value_or(0) << '\n';
      return Exit::done;
    }};
constexpr OptionSpec owner_specs[] = {
    {.name = "group", .value = Value::text, .value_name = "id", .help = "The group"}};
constexpr Syntax owner_syntax{
    .name = "owners", .summary = "Own a group", .grammar = {.options = owner_specs}};
constexpr Command owners{owner_syntax,
                         [](const Call&, Streams&) -> std::expected<Exit, UsageError> { return Exit::done; }};

constexpr const Command* commands[] = {&things, &shapes, &owners};

class Dispatch : public testing::Test, protected World {
 protected:
  int kt(std::vector<std::string> args) { return run(commands, "/usr/bin/kt", std::move(args)); }
  int script(const std::string& path, std::vector<std::string> args) {
    return run(commands, path, std::move(args));
  }
};

TEST_F(Dispatch, TheProgramsNamePicksTheTool) {
  for (const char* path : {"kafka-things", "kafka-things.sh", "bin/kafka-things.sh",
                           "C:\\bin\\kafka-things.bat", "kafka-old-things.sh"}) {
    EXPECT_EQ(script(path, {"--list", "--bootstrap-server", "h:1"}), 0) << path;
    EXPECT_EQ(out, "at h:1\n") << path;
  }
  for (const char* name : {"things", "kafka-things", "kafka-things.sh"}) {
    EXPECT_EQ(kt({name, "list", "-b", "h:1"}), 0) << name;
    EXPECT_EQ(out, "at h:1\n") << name;
  }
}

TEST_F(Dispatch, VerbsAreFlagsOrWordsUnderKtsOwnName) {
  EXPECT_EQ(kt({"things", "create", "one"}), 0);
  EXPECT_EQ(kt({"things", "--create", "--topic", "one"}), 0);
  EXPECT_EQ(kt({"things", "crate", "one"}), 2);
  EXPECT_THAT(err, StartsWith("Unknown action: crate\n"));
  EXPECT_THAT(err, HasSubstr("did you mean: create\n"));
  EXPECT_EQ(script("kafka-things.sh", {"list", "stray", "--bootstrap-server=h:1"}), 0);  // jopt ignores words
}

TEST_F(Dispatch, FailuresAreOneInScriptsAndTellTheirKindInKt) {
  EXPECT_EQ(kt({"things", "list", "missing"}), 4);
  EXPECT_EQ(script("kafka-things", {"--list", "--topic", "missing"}), 1);
  EXPECT_EQ(kt({"things", "list", "interrupted"}), 130);
  EXPECT_EQ(script("kafka-things", {"--list", "--topic", "interrupted"}), 130);
  EXPECT_EQ(kt({"things", "--nope"}), 2);
  EXPECT_EQ(script("kafka-things", {"--nope"}), 1);
}

TEST_F(Dispatch, JoptErrorsLookAsInKafka) {
  EXPECT_EQ(script("kafka-things", {"--list", "--topic", "bad"}), 1);
  EXPECT_THAT(err, StartsWith("Bad topic\nOption                                Description"));
  EXPECT_THAT(err, HasSubstr("--topic <String: topic>"));
  EXPECT_THAT(err, Not(HasSubstr("zookeeper")));
  EXPECT_THAT(err, Not(HasSubstr("try:")));
  EXPECT_EQ(out, "");
  EXPECT_EQ(script("kafka-things", {"--list", "--topic", "worse"}), 1);
  EXPECT_EQ(err, "Error occurred: Worse topic\n");
  EXPECT_EQ(script("kafka-things", {"--list", "--topic", "worst"}), 1);
  EXPECT_EQ(out, "Worst topic\n");
  EXPECT_EQ(err, "");
  EXPECT_EQ(script("kafka-things", {"--lits"}), 1);
  EXPECT_EQ(err, "Error occurred: lits is not a recognized option\n");
}

TEST_F(Dispatch, ArgparseErrorsLookAsInKafka) {
  EXPECT_EQ(script("kafka-shapes", {}), 1);
  EXPECT_EQ(err, "usage: kafka-shapes [-h] {draw,rub} ...\nkafka-shapes: error: too few arguments\n");
  EXPECT_EQ(script("kafka-shapes", {"draw"}), 1);
  EXPECT_EQ(err,
            "usage: kafka-shapes draw [-h] --size SIZE [--group id]\n"
            "kafka-shapes: error: argument --size/-s is required\n");
  EXPECT_EQ(script("kafka-shapes", {"draw", "--szie", "3"}), 1);
  EXPECT_EQ(err,
            "usage: kafka-shapes draw [-h] --size SIZE [--group id]\n"
            "kafka-shapes: error: unrecognized arguments: '--szie'\n\nDid you mean:\n\t--size\n");
}

TEST_F(Dispatch, LongArgparseErrorsAreWrapped) {
  EXPECT_EQ(script("kafka-shapes", {"draw", "--" + std::string(40, 'x'), "3"}), 1);
  EXPECT_EQ(err,
            "usage: kafka-shapes draw [-h] --size SIZE [--group id]\n"
            "kafka-shapes: error: unrecognized arguments:\n'--" +
                std::string(40, 'x') + "'\n");
}

TEST_F(Dispatch, KtAddsHintsUnlessAskedNotTo) {
  EXPECT_EQ(kt({"things", "list", "--topci", "x"}), 2);
  EXPECT_EQ(
      err,
      "Error occurred: topci is not a recognized option\ndid you mean: --topic\ntry: kt things --help\n");
  EXPECT_EQ(kt({"things", "list", "--group", "x"}), 2);
  EXPECT_THAT(err, HasSubstr("--group belongs to kt owners\n"));
  variables["KT_NO_HINTS"] = "1";
  EXPECT_EQ(kt({"things", "list", "--broker-list", "h:1"}), 0);
  EXPECT_EQ(err, "");
  variables.clear();
  EXPECT_EQ(kt({"things", "list", "--broker-list", "h:1"}), 0);
  EXPECT_EQ(err, "--broker-list is now --bootstrap-server\n");
  EXPECT_EQ(kt({"things", "list", "--broker-list", "h:1", "-q"}), 0);
  EXPECT_EQ(err, "");
  EXPECT_EQ(script("kafka-things.sh", {"--list", "--broker-list", "h:1"}), 0);
  EXPECT_EQ(err, "");
}

TEST_F(Dispatch, OptionsThatMeanNothingNowAreNamedWhereThatMatters) {
  EXPECT_EQ(
      script("kafka-things.sh", {"--list", "--queue-size", "5", "--new-consumer", "--broker-list", "h:1"}),
      0);
  EXPECT_EQ(err, "kt: --queue-size is ignored\n");
}

TEST_F(Dispatch, RefusalsAreDocumentsWhereJsonWasAskedFor) {
  EXPECT_EQ(kt({"things", "list", "bad", "-o", "json"}), 2);
  EXPECT_EQ(
      out,
      R"({"kt":{"command":"things","schema":1},"items":[],"errors":[{"message":"Bad topic","try":"kt things --help"}]})"
      "\n");
  EXPECT_EQ(err, "");
  EXPECT_EQ(kt({"things", "list", "-o", "csv"}), 2);
  EXPECT_THAT(err, StartsWith("Error occurred: There is no output csv, but: table json\n"));
}

TEST_F(Dispatch, UnknownCommandsAreAnsweredWithKnownOnes) {
  EXPECT_EQ(kt({"thnigs"}), 2);
  EXPECT_EQ(err, "error: kt has no command thnigs\n  did you mean: things\n  try: kt help\n");
  EXPECT_EQ(kt({"create", "x"}), 2);
  EXPECT_EQ(err, "error: kt has no command create\n  did you mean: things create\n  try: kt help\n");
  EXPECT_EQ(kt({"draw"}), 2);
  EXPECT_THAT(err, HasSubstr("did you mean: shapes draw\n"));
}

TEST_F(Dispatch, HelpAndVersion) {
  EXPECT_EQ(script("kafka-things", {"--version"}), 0);
  EXPECT_EQ(out, "4.1.0\n");
  EXPECT_EQ(kt({"things", "--version"}), 0);
  EXPECT_EQ(out, "kt 0.1.0\n");
  EXPECT_EQ(kt({"--version"}), 0);
  EXPECT_EQ(out, "kt 0.1.0\n");
  EXPECT_EQ(script("kafka-things", {"--help"}), 0);
  EXPECT_THAT(out, StartsWith("This tool makes things.\nOption "));
  EXPECT_EQ(script("kafka-things", {}), 1);
  EXPECT_THAT(err, StartsWith("This tool makes things.\nOption "));
  EXPECT_EQ(kt({"things"}), 2);
  EXPECT_THAT(err, StartsWith("This tool makes things.\nOption "));
  EXPECT_EQ(kt({"things", "create", "-h"}), 0);
  EXPECT_THAT(out, StartsWith("Make and list things\n\nusage: kt things ACTION [TOPIC] [options]\n"));
  EXPECT_THAT(out, Not(HasSubstr("zookeeper")));
  EXPECT_EQ(kt({"things", "--help-all"}), 0);
  EXPECT_THAT(out, HasSubstr("--zookeeper"));
  EXPECT_EQ(kt({}), 0);
  EXPECT_THAT(out, HasSubstr("  things                  Make and list things\n"));
}

TEST_F(Dispatch, TheClusterIsFoundByFlagVariableOrDefault) {
  EXPECT_EQ(kt({"things", "list"}), 0);
  EXPECT_EQ(out, "at localhost:9092\n");
  EXPECT_EQ(script("kafka-things", {"--list"}), 0);
  EXPECT_EQ(out, "at \n");
  variables["KT_BOOTSTRAP_SERVER"] = "one:1";
  EXPECT_EQ(kt({"things", "list"}), 0);
  EXPECT_EQ(out, "at one:1\n");
  variables["KT_BOOTSTRAP_SERVERS"] = "two:2";
  EXPECT_EQ(script("kafka-things", {"--list"}), 0);
  EXPECT_EQ(out, "at two:2\n");
  EXPECT_EQ(kt({"things", "list", "-b", "three:3"}), 0);
  EXPECT_EQ(out, "at three:3\n");
}

TEST_F(Dispatch, ZooKeepersAddressIsWhereTheControllerListens) {
  variables["KT_BOOTSTRAP_SERVERS"] = "two:2";
  EXPECT_EQ(script("kafka-things", {"--list", "--zookeeper", "a:2181,b:2181/kafka"}), 0);
  EXPECT_EQ(out, "at a:2181,b:2181 (zookeeper) 0.10\n");
  EXPECT_EQ(script("kafka-things", {"--list", "--zookeeper", "a:2181", "--bootstrap-server", "h:1"}), 0);
  EXPECT_EQ(out, "at h:1 0.10\n");
}

TEST_F(Dispatch, ClientSettingsComeFromFilesAndTheCommandLine) {
  std::string folder = testing::TempDir() + "/kt-dispatch-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(disk.replace(folder + "/client.properties", "a=file\nb=file\n"));
  EXPECT_EQ(kt({"things", "list", "--command-config", folder + "/client.properties", "-X", "b=flag", "-X",
                "c=flag"}),
            0);
  EXPECT_EQ(out, "at localhost:9092 a=file b=flag c=flag\n");
  EXPECT_EQ(script("kafka-things", {"--list", "--command-config", folder + "/none"}), 1);
  EXPECT_EQ(err, "Error occurred: " + folder + "/none\n");
  ASSERT_TRUE(disk.remove(folder));
}

TEST_F(Dispatch, TheEraIsAskedForSetOrTold) {
  EXPECT_EQ(kt({"things", "list", "--era", "0.10"}), 0);
  EXPECT_EQ(out, "at localhost:9092 0.10\n");
  variables["KT_ERA"] = "0.10";
  EXPECT_EQ(kt({"things", "list"}), 0);
  EXPECT_EQ(out, "at localhost:9092 0.10\n");
  EXPECT_EQ(kt({"things", "list", "--era", "modern"}), 0);
  EXPECT_EQ(out, "at localhost:9092\n");
  EXPECT_EQ(kt({"things", "--lis"}), 0);  // Kafka 0.10 knew options by their prefixes
  variables["KT_ERA"] = "1984";
  EXPECT_EQ(kt({"things", "list"}), 2);
  variables.clear();
  std::string folder = testing::TempDir() + "/kt-era-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(disk.make_directory(folder + "/bin"));
  ASSERT_TRUE(disk.replace(folder + "/.kt-era", "era=0.10\n"));
  EXPECT_EQ(script(folder + "/bin/kafka-things.sh", {"--list", "--bootstrap-server", "h:1"}), 0);
  EXPECT_EQ(out, "at h:1 0.10\n");
  ASSERT_TRUE(disk.remove(folder));
}

TEST_F(Dispatch, ArgumentsMayStandInAFile) {
  std::string folder = testing::TempDir() + "/kt-args-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(disk.replace(folder + "/args", "draw\n--size\n7\n"));
  EXPECT_EQ(script("kafka-shapes", {"@" + folder + "/args"}), 0);
  EXPECT_EQ(out, "draw 7\n");
  EXPECT_EQ(script("kafka-shapes", {"@" + folder + "/none"}), 1);
  EXPECT_THAT(err, AllOf(HasSubstr("kafka-shapes: error: Could not read arguments from file"),
                         HasSubstr("'" + folder + "/none'\n")));
  ASSERT_TRUE(disk.remove(folder));
}

}  // namespace
}  // namespace kt::cli
