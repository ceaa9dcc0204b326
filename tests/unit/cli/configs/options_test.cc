// The sentences were printed by kafka-configs.sh of Kafka 4.1.1.
#include "libcli/commands/configs/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::configs {
namespace {

using testing::ElementsAre;

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}
std::expected<Options, UsageError> at(std::vector<std::string> words) {
  words.insert(words.begin(), {"--bootstrap-server", "h:9092"});
  return parsed(words);
}
UsageError usage(const std::string& text) { return {text, Show::usage}; }
UsageError message(const std::string& text) { return {text, Show::message}; }

TEST(Configs, ExactlyOneAction) {
  EXPECT_EQ(at({}).error(), usage("Command must include exactly one action: --describe, --alter"));
  EXPECT_EQ(at({"--describe", "--alter"}).error(),
            usage("Command must include exactly one action: --describe, --alter"));
  EXPECT_EQ(at({"--describe", "--topic", "a", "--add-config", "c=d"}).error(),
            usage("Option \"[describe]\" can't be used with option \"[add-config]\""));
}

TEST(Configs, OfKnownThings) {
  EXPECT_EQ(at({"--describe"}).error(), message("At least one entity type must be specified"));
  EXPECT_EQ(
      at({"--describe", "--entity-type", "foo"}).error(),
      message("Invalid entity type foo, the entity type must be one of topics, clients, users, brokers, ips, "
              "client-metrics, groups, broker-loggers with a --bootstrap-server or --bootstrap-controller "
              "argument"));
  EXPECT_EQ(at({"--describe", "--entity-type", "users", "--entity-type", "users"}).error(),
            message("Duplicate entity type(s) specified: users"));
  const UsageError together = message("Only 'users' and 'clients' entity types may be specified together");
  EXPECT_EQ(at({"--describe", "--entity-type", "topics", "--entity-type", "brokers"}).error(), together);
  EXPECT_EQ(at({"--describe", "--topic", "a", "--entity-type", "users"}).error(), together);
  EXPECT_EQ(
      at({"--describe", "--topic", "t", "--entity-name", "x"}).error(),
      message("--entity-{type,name,default} should not be used in conjunction with specific entity flags"));
  EXPECT_EQ(at({"--describe", "--topic", "a", "--topic", "b"}).error(),
            message("Found multiple arguments for option topic, but you asked for only one"));
}

TEST(Configs, AClusterIsNeeded) {
  EXPECT_EQ(parsed({"--describe", "--topic", "t"}).error(),
            message("Either --bootstrap-server or --bootstrap-controller must be specified."));
  EXPECT_EQ(at({"--describe", "--bootstrap-controller", "x:1", "--topic", "t"}).error(),
            message("Only one of --bootstrap-server or --bootstrap-controller can be specified"));
  EXPECT_EQ(parsed({"--describe", "--bootstrap-controller", "x:1", "--topic", "t"})->connection.through,
            Connection::Through::controllers);
}

TEST(Configs, NamesThatDoNotFit) {
  EXPECT_EQ(at({"--alter", "--broker", "x", "--add-config", "a=b"}).error(),
            message("The entity name for brokers must be a valid integer broker id, but it is: x"));
  EXPECT_EQ(at({"--alter", "--broker-logger", "x", "--add-config", "a=b"}).error(),
            message("The entity name for broker-loggers must be a valid integer broker id, but it is: x"));
  EXPECT_EQ(at({"--describe", "--entity-type", "topics", "--entity-default"}).error(),
            message("--entity-default must not be specified with --describe of topics"));
  EXPECT_EQ(at({"--describe", "--entity-type", "broker-loggers"}).error(),
            message("An entity name must be specified with --describe of broker-loggers"));
  EXPECT_EQ(at({"--describe", "--entity-type", "users", "--entity-name", "a", "--entity-name", "b"}).error(),
            message("More entity names specified than entity types"));
}

TEST(Configs, AlterNeedsANameAndAChange) {
  EXPECT_EQ(at({"--alter", "--entity-type", "topics", "--add-config", "a=b"}).error(),
            message("An entity name must be specified with --alter of topics"));
  EXPECT_EQ(at({"--alter", "--entity-type", "topics", "--entity-default", "--add-config", "a=b"}).error(),
            message("An entity name must be specified with --alter of topics"));
  EXPECT_EQ(
      at({"--alter", "--entity-type", "users", "--add-config", "a=b"}).error(),
      message("An entity-name or default entity must be specified with --alter of users, clients, brokers or "
              "ips"));
  EXPECT_EQ(at({"--alter", "--entity-type", "users", "--entity-type", "clients", "--entity-name", "u",
                "--add-config", "a=b"})
                .error(),
            message("An entity name must be specified for every entity type"));
  EXPECT_EQ(
      at({"--alter", "--topic", "t"}).error(),
      message("At least one of --add-config, --add-config-file, or --delete-config must be specified with "
              "--alter"));
  EXPECT_EQ(at({"--alter", "--topic", "t", "--add-config", "a=b", "--add-config-file", "x"}).error(),
            message("Only one of --add-config or --add-config-file must be specified"));
}

TEST(Configs, TypesAndNamesArePaired) {
  EXPECT_THAT(at({"--describe", "--entity-type", "topics"})->entities,
              ElementsAre(Entity{"topics", std::nullopt}));
  EXPECT_THAT(at({"--describe", "--entity-type", "brokers", "--entity-default"})->entities,
              ElementsAre(Entity{"brokers", ""}));
  EXPECT_THAT(at({"--describe", "--entity-type", "users", "--entity-default", "--entity-type", "clients",
                  "--entity-name", "c"})
                  ->entities,
              ElementsAre(Entity{"users", ""}, Entity{"clients", "c"}));
  EXPECT_THAT(at({"--describe", "--user", "u", "--client-defaults"})->entities,
              ElementsAre(Entity{"users", "u"}, Entity{"clients", ""}));
  EXPECT_THAT(at({"--describe", "--user", "u", "--client", "c"})->entities,
              ElementsAre(Entity{"clients", "c"}, Entity{"users", "u"}));
  EXPECT_TRUE(at({"--describe", "--topic", "t", "--all"})->all);
}

TEST(Configs, Additions) {
  const auto parse = [](std::string_view text) { return *parse_additions(text); };
  EXPECT_EQ(parse("a=1"), (config::Properties{{"a", "1"}}));
  EXPECT_EQ(parse("a=1, b = [x,y] ,c="), (config::Properties{{"a", "1"}, {"b", "x,y"}, {"c", ""}}));
  EXPECT_EQ(parse("SCRAM-SHA-256=[iterations=8192,password=s]"),
            (config::Properties{{"SCRAM-SHA-256", "iterations=8192,password=s"}}));
  EXPECT_EQ(parse("a=[b"), (config::Properties{{"a", "b"}}));
  for (const char* text : {"a", "a=b=c", "a=1,b"}) {
    EXPECT_EQ(
        at({"--alter", "--topic", "t", "--add-config", text}).error(),
        message("requirement failed: Invalid entity config: all configs to be added must be in the format "
                "\"key=val\" or  \"key=[val1,val2]\" to group values which contain commas."));
  }
  EXPECT_EQ(at({"--alter", "--topic", "t", "--add-config", "a!b=3"}).error(),
            message("Invalid character found for config key: a!b"));
}

TEST(Configs, ThatAreSetAndRemoved) {
  const auto options =
      at({"--alter", "--topic", "t", "--add-config", "a=1", "--delete-config", "b,c", "--force"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->changes, (Changes{.set = {{"a", "1"}}, .remove = {"b", "c"}}));

  std::string folder = testing::TempDir() + "/kt-configs-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  PosixDisk disk;
  ASSERT_TRUE(disk.replace(folder + "/add", "a=1\nb=2,3\n"));
  EXPECT_EQ(at({"--alter", "--broker-defaults", "--add-config-file", folder + "/add"})->changes.set,
            (config::Properties{{"a", "1"}, {"b", "2,3"}}));
  EXPECT_EQ(at({"--alter", "--topic", "t", "--add-config-file", folder + "/none"}).error(),
            message(folder + "/none"));
  ASSERT_TRUE(disk.remove(folder));
}

TEST(Configs, OfUsersAndClientsAreQuotasAndCredentials) {
  const auto refused = [](std::vector<std::string> words) {
    words.insert(words.begin(), "--alter");
    return at(words).error().message;
  };
  EXPECT_EQ(
      refused({"--user", "u", "--add-config", "a=1,b=2"}),
      "Only quota and SCRAM credential configs can be added for 'users' using --bootstrap-server. Unexpected "
      "config names: Set(a, b)");
  EXPECT_EQ(refused({"--user", "u", "--delete-config", "foo,bar"}),
            "Only quota and SCRAM credential configs can be deleted for 'users' using --bootstrap-server. "
            "Unexpected "
            "config names: ArrayBuffer(foo, bar)");
  EXPECT_EQ(refused({"--client", "c", "--add-config", "a=b"}),
            "Only quota configs can be added for 'clients' using --bootstrap-server. Unexpected config "
            "names: Set(a)");
  EXPECT_EQ(
      refused({"--user", "u", "--client", "c", "--delete-config", "foo"}),
      "Only quota configs can be deleted for 'clients' using --bootstrap-server. Unexpected config names: "
      "ArrayBuffer(foo)");
  EXPECT_EQ(refused({"--ip", "1.2.3.4", "--add-config", "x=1", "--delete-config", "foo,bar"}),
            "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected "
            "config names: "
            "x,foo,bar");
  EXPECT_EQ(refused({"--user", "u", "--add-config", "producer_byte_rate=x"}),
            "Cannot parse quota configuration value for producer_byte_rate: x");
  EXPECT_EQ(refused({"--user", "u", "--add-config", "SCRAM-SHA-256=[iterations=1,password=x]"}),
            "Iterations 1 is less than the minimum 4096 required for SCRAM-SHA-256");
  EXPECT_EQ(refused({"--user", "u", "--add-config", "SCRAM-SHA-256=x"}),
            "Invalid credential property SCRAM_SHA_256=x");
  EXPECT_EQ(refused({"--user", "u", "--add-config", "SCRAM-SHA-512=[iterations=,password=x]"}),
            "For input string: \"\"");
  EXPECT_EQ(refused({"--user", "u", "--add-config", "SCRAM-SHA-256=[password=x],producer_byte_rate=3"}),
            "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using "
            "--bootstrap-server.");
  EXPECT_EQ(refused({"--user-defaults", "--add-config", "SCRAM-SHA-256=[password=x]"}),
            "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using "
            "--bootstrap-server.");
}

TEST(Configs, QuotasAndCredentialsAreRead) {
  EXPECT_EQ(
      at({"--alter", "--client", "c", "--add-config", "producer_byte_rate=1024", "--delete-config",
          "request_percentage"})
          ->changes,
      (Changes{.set_quotas = {{"producer_byte_rate", 1024.0}}, .remove_quotas = {"request_percentage"}}));
  EXPECT_EQ(at({"--alter", "--user", "u", "--add-config",
                "SCRAM-SHA-256=[iterations=8192,password=a=b],SCRAM-SHA-512="
                "[iterations=-1,password=c]"})
                ->changes,
            (Changes{.set_credentials = {{"SCRAM-SHA-256", 8192, "a=b"}, {"SCRAM-SHA-512", 4096, "c"}}}));
  EXPECT_EQ(at({"--alter", "--user", "u", "--delete-config", "SCRAM-SHA-256"})->changes,
            (Changes{.remove_credentials = {"SCRAM-SHA-256"}}));
}

TEST(Configs, OldTutorialsWork) {
  const auto options = parsed({"--zookeeper", "localhost:2181", "--alter", "--entity-type", "topics",
                               "--entity-name", "my-topic", "--add-config", "max.message.bytes=128000"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connection.through, Connection::Through::zookeeper_port);
}

TEST(Configs, KtSpeaksShorter) {
  const auto options = parsed({"describe", "-t", "orders", "-o", "json"}, Mode::kt);
  ASSERT_TRUE(options);
  EXPECT_THAT(options->entities, ElementsAre(Entity{"topics", "orders"}));
}

}  // namespace
}  // namespace kt::cli::configs
