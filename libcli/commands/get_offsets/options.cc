#include "libcli/commands/get_offsets/options.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/config/addresses.h"

namespace kt::cli::get_offsets {
namespace {

constexpr OptionSpec specs[] = {
    {.name = "topic",
     .letter = 't',
     .value = Value::text,
     .value_name = "topic",
     .positional = true,
     .complete = Complete::topic,
     .help = "Only these topics: names or Java regular expressions, separated by commas"},
    {.name = "partitions",
     .letter = 'p',
     .value = Value::text,
     .value_name = "partition ids",
     .help = "Only these partitions of them: 0,1"},
    {.name = "topic-partitions",
     .value = Value::text,
     .value_name = "topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3",
     .help = "Instead: topics, each with a partition, or a range whose end is not meant"},
    {.name = "time",
     .value = Value::text,
     .value_name =
         "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or "
         "latest-tiered",
     .default_value = "latest",
     .choices = "latest earliest max-timestamp earliest-local latest-tiered earliest-pending-upload",
     .complete = Complete::choice,
     .help = "Which offset: of the first record at this time in milliseconds or later, or one of these"},
    {.name = "exclude-internal-topics", .group = Group::filter, .help = "Leave out Kafka's own topics"},
    also_called(bootstrap_server_option, old_name("broker-list")),
    command_config_option,
    ignored_option("max-wait-ms", Value::text, Ignored::silently),
    ignored_option("offsets", Value::text, Ignored::silently),
};

constexpr Example examples[] = {
    {"kt get-offsets orders", "See where the partitions of a topic end"},
    {"kt get-offsets --topic-partitions orders:0-2,refunds --time earliest", "See where some of them begin"},
};

UsageError message(const std::string& text) { return {text, Show::message}; }

constexpr std::pair<std::string_view, int64_t> named_times[] = {
    {"latest", -1},         {"earliest", -2},      {"max-timestamp", -3},
    {"earliest-local", -4}, {"latest-tiered", -5}, {"earliest-pending-upload", -6}};

std::expected<int64_t, UsageError> parse_time(const std::string& text) {
  for (const auto& [name, timestamp] : named_times) {
    if (name == text) return timestamp;
  }
  if (const auto timestamp = java_long(text)) return *timestamp;
  return std::unexpected(
      message("Malformed time argument " + text +
              ". Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or "
              "earliest-local / -5 or latest-tiered, or a specified long format timestamp"));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

std::expected<TopicFilter, UsageError> parse_filter(const std::string& text) {
  auto filter = TopicFilter::parse(text.empty() ? ".*" : text);
  if (!filter) return std::unexpected(message(filter.error().message));
  return std::move(*filter);
}

/// A number of digits alone; empty text is `fallback`.
std::optional<int32_t> digits_or(std::string_view text, int32_t fallback) {
  if (text.empty()) return fallback;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return java_integer(text);
}

/// "orders", "orders:1", "orders:0-3", "orders:5-", ":-3".
std::expected<Rule, UsageError> parse_rule(const std::string& text) {
  const auto refused = message("org.apache.kafka.tools.TerseException: Invalid rule specification: " + text);
  const size_t colon = text.find(':');
  auto topics = parse_filter(text.substr(0, colon));
  if (!topics) return std::unexpected(topics.error());
  Rule rule{.topics = std::move(*topics)};
  if (colon == std::string::npos || colon + 1 == text.size()) return rule;
  const std::string_view range = std::string_view(text).substr(colon + 1);
  const size_t dash = range.find('-');
  const auto first = digits_or(range.substr(0, dash), 0);
  if (!first) return std::unexpected(refused);
  rule.first = *first;
  if (dash == std::string_view::npos) {
    rule.only = {*first};
    return rule;
  }
  const auto end = digits_or(range.substr(dash + 1), rule.end);
  if (!end) return std::unexpected(refused);
  rule.end = *end;
  return rule;
}

std::expected<std::vector<Rule>, UsageError> parse_rules(const Given& given) {
  std::vector<Rule> rules;
  if (const auto text = given.text("topic-partitions")) {
    for (const std::string& part : split(*text, ',')) {
      auto rule = parse_rule(part);
      if (!rule) return std::unexpected(rule.error());
      rules.push_back(std::move(*rule));
    }
    return rules;
  }
  auto topics = parse_filter(given.text("topic").value_or(""));
  if (!topics) return std::unexpected(topics.error());
  rules.push_back({.topics = std::move(*topics)});
  const std::string partitions = given.text("partitions").value_or("");
  if (partitions.empty()) return rules;
  for (const std::string& part : split(partitions, ',')) {
    const auto partition = java_integer(part);
    if (!partition) {
      return std::unexpected(
          message("--partitions expects a comma separated list of numeric partition ids, but received: " +
                  partitions));
    }
    rules.front().only.push_back(*partition);
  }
  return rules;
}

std::optional<UsageError> check(const Given& given) {
  Rules rules(given);
  rules.require({"bootstrap-server"})
      .check([&given]() -> std::optional<UsageError> {
        auto refused = config::refuse_address_list(*given.text("bootstrap-server"));
        if (!refused) return std::nullopt;
        return UsageError{std::move(*refused)};
      })
      .that(!given.has("topic-partitions") || count_given(given, {"topic", "partitions"}) == 0,
            "--topic-partitions cannot be used with --topic or --partitions", Show::message);
  return rules.broken();
}

}  // namespace

constinit const Syntax syntax{.name = "get-offsets",
                              .script = "kafka-get-offsets",
                              .family = Family::jopt,
                              .summary = "Print the offsets of partitions",
                              .purpose = "An interactive shell for getting topic-partition offsets.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .outputs = "table json",
                              .message_prefix = "Error occurred: ",
                              .runs_bare = true};

bool Rule::allows(int32_t partition) const {
  if (!only.empty()) return std::ranges::find(only, partition) != only.end();
  return partition >= first && partition < end;
}

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check(given)) return std::unexpected(*refused);
  const auto timestamp = parse_time(*given.text("time"));
  if (!timestamp) return std::unexpected(timestamp.error());
  auto rules = parse_rules(given);
  if (!rules) return std::unexpected(rules.error());
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  return Options{.setting = call.setting,
                 .connection = std::move(*connection),
                 .rules = std::move(*rules),
                 .timestamp = *timestamp,
                 .exclude_internal = given.has("exclude-internal-topics")};
}

}  // namespace kt::cli::get_offsets
