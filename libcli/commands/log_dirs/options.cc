#include "libcli/commands/log_dirs/options.h"

#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"

namespace kt::cli::log_dirs {
namespace {

constexpr OptionSpec specs[] = {
    {.name = "describe", .action = true, .help = "Show what lies in the log directories of brokers, as JSON"},
    {.name = "topic-list",
     .letter = 't',
     .value = Value::text,
     .value_name = "Topic list",
     .many = Many::commas,
     .positional = true,
     .complete = Complete::topic,
     .help = "Only these topics: a,b"},
    {.name = "broker-list",
     .value = Value::text,
     .value_name = "Broker list",
     .many = Many::commas,
     .complete = Complete::broker,
     .help = "Only these brokers: 0,1"},
    bootstrap_server_option,
    command_config_option,
};

constexpr Example examples[] = {
    {"kt log-dirs describe", "See what lies where on all brokers"},
    {"kt log-dirs describe --topic-list orders --broker-list 1", "See what one broker has of a topic"},
};

}  // namespace

constinit const Syntax syntax{
    .name = "log-dirs",
    .script = "kafka-log-dirs",
    .family = Family::jopt,
    .summary = "Show the log directories of brokers and what lies in them",
    .purpose = "This tool helps to query log directory usage on the specified brokers.",
    .grammar = {.options = specs},
    .examples = examples};

std::expected<Options, UsageError> parse(const Call& call) {
  Rules rules(call.given);
  rules.require({"bootstrap-server", "describe"});
  if (rules.broken()) return std::unexpected(*rules.broken());
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  Options options{.setting = call.setting, .connection = std::move(*connection)};
  for (const std::string& topic : call.given.all("topic-list")) {
    if (!topic.empty()) options.topics.push_back(topic);
  }
  for (const std::string& text : call.given.all("broker-list")) {
    if (text.empty()) continue;
    const auto broker = java_integer(text);
    if (!broker) return std::unexpected(UsageError{"For input string: \"" + text + "\"", Show::message});
    options.brokers.push_back(*broker);
  }
  return options;
}

}  // namespace kt::cli::log_dirs
