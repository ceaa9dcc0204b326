#include "libcli/commands/consumer_perf_test/options.h"

#include <algorithm>

#include "libbroker/base/rng.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"

namespace kt::cli::consumer_perf_test {
namespace {

constexpr uint64_t random_groups = 100'000;

constexpr OptionSpec specs[] = {
    {.name = "topic",
     .letter = 't',
     .value = Value::text,
     .value_name = "topic",
     .positional = true,
     .complete = Complete::topic,
     .help = "The topic to read"},
    {.name = "include",
     .value = Value::text,
     .value_name = "Java regex (String)",
     .help = "Instead: read all topics whose whole name fits this regular expression"},
    {.name = "messages",
     .letter = 'n',
     .aliases = {renamed("num-records")},
     .value = Value::long_integer,
     .value_name = "count",
     .help = "How many records to read"},
    {.name = "group",
     .letter = 'g',
     .value = Value::text,
     .value_name = "gid",
     .complete = Complete::group,
     .help = "The group to read as; a random one unless given"},
    {.name = "from-latest", .help = "Start at the end where the group has no offset, not at the beginning"},
    {.name = "timeout",
     .value = Value::long_integer,
     .value_name = "milliseconds",
     .value_optional = true,
     .default_value = "10000",
     .help = "Give up when no record came for so long"},
    {.name = "fetch-size",
     .value = Value::integer,
     .value_name = "size",
     .default_value = "1048576",
     .group = Group::advanced,
     .help = "Bytes of a partition in one answer"},
    {.name = "socket-buffer-size",
     .value = Value::integer,
     .value_name = "size",
     .default_value = "2097152",
     .group = Group::advanced,
     .help = "Bytes of the socket's buffer"},
    {.name = "show-detailed-stats", .group = Group::output, .help = "Print a line at every interval"},
    {.name = "reporting-interval",
     .value = Value::long_integer,
     .value_name = "interval_ms",
     .default_value = "5000",
     .group = Group::output,
     .help = "How long an interval is"},
    {.name = "date-format",
     .value = Value::text,
     .value_name = "date format",
     .default_value = "yyyy-MM-dd HH:mm:ss:SSS",
     .group = Group::output,
     .help = "How to print times, as for Java's SimpleDateFormat"},
    {.name = "hide-header", .group = Group::output, .help = "Do not name the columns"},
    {.name = "print-metrics", .group = Group::output, .help = "Print the consumer's metrics at the end"},
    also_called(bootstrap_server_option, old_name("broker-list")),
    {.name = "consumer.config",
     .aliases = {renamed("command-config"), native_name("client-config")},
     .value = Value::text,
     .value_name = "config file",
     .group = Group::connection,
     .complete = Complete::file,
     .help = "A file with settings for the consumer"},
    {.name = "command-property",
     .value = Value::text,
     .value_name = "prop1=val1",
     .many = Many::occurrences,
     .group = Group::connection,
     .help = "A setting for the consumer as key=value, over those of the file"},
    zookeeper_option,
    ignored_option("new-consumer", Value::none, Ignored::silently),
    ignored_option("threads", Value::text, Ignored::silently),
    ignored_option("num-fetch-threads", Value::text, Ignored::silently),
    ignored_option("message-size", Value::text, Ignored::silently),
    ignored_option("batch-size", Value::text, Ignored::silently),
    ignored_option("compression-codec", Value::text, Ignored::silently),
};

constexpr Example examples[] = {
    {"kt consumer-perf-test orders -n 1000000", "See how fast a million records are read"},
    {"kt consumer-perf-test orders -n 1000000 --show-detailed-stats", "See it every five seconds"},
};

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<UsageError> check(const Given& given) {
  const bool two_counts =
      given.has_spelling("messages", "messages") && given.has_spelling("messages", "num-records");
  const bool two_files = given.has_spelling("consumer.config", "consumer.config") &&
                         given.has_spelling("consumer.config", "command-config");
  const std::string interval = *given.text("reporting-interval");
  Rules rules(given);
  if (!given.has("include")) rules.require({"topic"});
  rules
      .that(!given.has("topic") || !given.has("include"),
            "Exactly one of the following arguments is required: [topic], [include]")
      .that(!two_counts, "Exactly one of the following arguments is required: [messages], [num-records]")
      .that(!two_files, "Option \"[consumer.config]\" can't be used with option \"[command-config]\"")
      .require({"messages", "bootstrap-server"})
      .that(is_digits(interval), "Cannot parse argument '" + interval + "' of option reporting-interval",
            Show::message)
      .that(*given.long_integer("reporting-interval") > 0, "Reporting interval must be greater than 0.",
            Show::message);
  return rules.broken();
}

/// The tool's settings win over the user's, but for the client's id.
std::expected<config::Properties, UsageError> consumer_properties(const Call& call) {
  const Given& given = call.given;
  auto properties = read_properties(call, "consumer.config");
  if (!properties) return std::unexpected(properties.error());
  *properties =
      config::merge(std::move(*properties), config::parse_key_values(given.all("command-property")));
  *properties = config::merge(std::move(*properties), call.setting.client_properties);
  properties->erase("bootstrap.servers");
  properties->try_emplace("client.id", "perf-consumer-client");
  const std::string random_group =
      "perf-consumer-" + std::to_string(call.environment.rng.below(random_groups));
  return config::merge(std::move(*properties),
                       {{"group.id", given.text("group").value_or(random_group)},
                        {"receive.buffer.bytes", *given.text("socket-buffer-size")},
                        {"max.partition.fetch.bytes", *given.text("fetch-size")},
                        {"auto.offset.reset", given.has("from-latest") ? "latest" : "earliest"},
                        {"check.crcs", "false"}});
}

}  // namespace

constinit const Syntax syntax{.name = "consumer-perf-test",
                              .script = "kafka-consumer-perf-test",
                              .family = Family::jopt,
                              .summary = "Measure how fast records are read",
                              .purpose = "This tool is used to verify the consumer performance.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .parser_errors = Show::usage};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check(given)) return std::unexpected(*refused);
  auto date_format = config::DateFormat::parse(*given.text("date-format"));
  if (!date_format) return std::unexpected(UsageError{date_format.error(), Show::message});
  auto properties = consumer_properties(call);
  if (!properties) return std::unexpected(properties.error());
  Connection connection = cluster_of(call);
  connection.properties = std::move(*properties);
  return Options{.setting = call.setting,
                 .connection = std::move(connection),
                 .topic = given.text("topic"),
                 .include = given.text("include"),
                 .records_max = *given.long_integer("messages"),
                 .timeout_ms = *given.long_integer("timeout"),
                 .reporting_interval_ms = *given.long_integer("reporting-interval"),
                 .detailed = given.has("show-detailed-stats"),
                 .date_format = std::move(*date_format),
                 .hide_header = given.has("hide-header"),
                 .print_metrics = given.has("print-metrics")};
}

}  // namespace kt::cli::consumer_perf_test
