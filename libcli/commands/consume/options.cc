#include "libcli/commands/consume/options.h"

#include <algorithm>
#include <set>

#include "libbroker/base/rng.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/term/text.h"

namespace kt::cli::consume {
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
     .aliases = {old_name("whitelist")},
     .value = Value::text,
     .value_name = "Java regex (String)",
     .help = "Instead: read all topics whose whole name fits this regular expression"},
    {.name = "group",
     .letter = 'g',
     .value = Value::text,
     .value_name = "consumer group id",
     .complete = Complete::group,
     .help = "Read as a member of this group, from where it left off"},
    {.name = "from-beginning", .help = "Start with the first record where the group has no offset yet"},
    {.name = "partition",
     .letter = 'p',
     .value = Value::integer,
     .value_name = "partition",
     .help = "Read this partition alone, without a group"},
    {.name = "offset",
     .value = Value::text,
     .value_name = "consume offset",
     .default_value = "latest",
     .choices = "earliest latest",
     .complete = Complete::choice,
     .help = "Where to start in the partition: a number of 0 or more, or one of these"},
    {.name = "max-messages",
     .letter = 'n',
     .value = Value::integer,
     .value_name = "num_messages",
     .help = "End after so many records"},
    {.name = "timeout-ms",
     .value = Value::long_integer,
     .value_name = "timeout_ms",
     .help = "End when no record came for so long"},
    {.name = "isolation-level",
     .value = Value::text,
     .default_value = "read_uncommitted",
     .choices = "read_uncommitted read_committed",
     .complete = Complete::choice,
     .help = "Whether to leave out what transactions have not committed"},
    {.name = "property",
     .aliases = {renamed("formatter-property")},
     .value = Value::text,
     .value_name = "prop",
     .many = Many::occurrences,
     .group = Group::output,
     .help = "What to print, as key=value: print.timestamp, print.partition, print.offset, print.epoch, "
             "print.headers, print.key, print.value, key.separator, line.separator, headers.separator, "
             "null.literal, key.deserializer, value.deserializer, headers.deserializer"},
    {.name = "formatter-config",
     .value = Value::text,
     .value_name = "config file",
     .group = Group::output,
     .complete = Complete::file,
     .help = "A file with such properties"},
    {.name = "formatter",
     .value = Value::text,
     .value_name = "class",
     .default_value = "org.apache.kafka.tools.consumer.DefaultMessageFormatter",
     .group = Group::output,
     .help = "How to print records; Kafka's own topics have formatters of their own"},
    {.name = "key-deserializer",
     .value = Value::text,
     .value_name = "deserializer for key",
     .group = Group::output,
     .help =
         "What keys are: String, Integer, Long, Short, Float, Double, Boolean, UUID, Bytes + Deserializer"},
    {.name = "value-deserializer",
     .value = Value::text,
     .value_name = "deserializer for values",
     .group = Group::output,
     .help = "What values are, likewise"},
    {.name = "skip-message-on-error",
     .group = Group::advanced,
     .help = "Go on after a record that cannot be printed"},
    {.name = "enable-systest-events",
     .group = Group::advanced,
     .help = "Say at the end that all is shut down"},
    bootstrap_server_option,
    {.name = "consumer.config",
     .aliases = {renamed("command-config"), native_name("client-config")},
     .value = Value::text,
     .value_name = "config file",
     .group = Group::connection,
     .complete = Complete::file,
     .help = "A file with settings for the consumer"},
    {.name = "consumer-property",
     .aliases = {renamed("command-property")},
     .value = Value::text,
     .value_name = "consumer_prop",
     .many = Many::occurrences,
     .group = Group::connection,
     .help = "A setting for the consumer as key=value, over those of the file"},
    {.name = "blacklist",
     .value = Value::text,
     .value_name = "regex",
     .group = Group::legacy,
     .help = "Read all topics but these and Kafka's own"},
    zookeeper_option,
    ignored_option("new-consumer", Value::none, Ignored::silently),
    ignored_option("delete-consumer-offsets", Value::none, Ignored::with_warning),
    ignored_option("csv-reporter-enabled", Value::none, Ignored::with_warning),
    ignored_option("metrics-dir", Value::text, Ignored::with_warning),
};

constexpr Example examples[] = {
    {"kt consume orders --from-beginning -n 10", "See the first ten records"},
    {"kt consume orders --group billing", "Read as a group, going on where it left off"},
    {"kt consume orders -p 0 --offset 42 --property print.key=true",
     "Read one partition from an offset, with keys"},
};

struct NamedFormatter {
  std::string_view name;
  FormatterKind kind;
};
constexpr NamedFormatter formatters[] = {
    {"DefaultMessageFormatter", FormatterKind::columns},
    {"LoggingMessageFormatter", FormatterKind::logging},
    {"NoOpMessageFormatter", FormatterKind::nothing},
    {"OffsetsMessageFormatter", FormatterKind::offsets},
    {"GroupMetadataMessageFormatter", FormatterKind::group_metadata},
    {"TransactionLogMessageFormatter", FormatterKind::transaction_log},
    {"ShareGroupStateMessageFormatter", FormatterKind::share_group_state},
    {"ShareGroupMessageFormatter", FormatterKind::share_group},
};

/// By class name of any Kafka: "kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter".
std::optional<FormatterKind> find_formatter(std::string_view class_name) {
  const std::string_view simple = class_name.substr(class_name.find_last_of(".$") + 1);
  const auto found = std::ranges::find(formatters, simple, &NamedFormatter::name);
  if (found == std::end(formatters)) return std::nullopt;
  return found->kind;
}

std::optional<UsageError> check_combination(const Given& given) {
  Rules rules(given);
  rules.one_name("consumer.config", "consumer.config", "command-config")
      .one_name("consumer-property", "consumer-property", "command-property")
      .one_name("property", "property", "formatter-property")
      .that(count_given(given, {"topic", "include", "blacklist"}) == 1,
            "Exactly one of --include/--topic is required. ");
  if (given.has("partition")) {
    rules.that(given.has("topic"), "The topic is required when partition is specified.")
        .that(!given.has("from-beginning") || !given.has("offset"),
              "Options from-beginning and offset cannot be specified together.");
  } else {
    rules.that(!given.has("offset"), "The partition is required when offset is specified.");
  }
  rules.require({"bootstrap-server"});
  return rules.broken();
}

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

std::expected<int64_t, UsageError> read_offset(const Given& given) {
  if (!given.has("offset")) return given.has("from-beginning") ? earliest_offset : latest_offset;
  const std::string text = *given.text("offset");
  if (lowered(text) == "earliest") return earliest_offset;
  if (lowered(text) == "latest") return latest_offset;
  const auto offset = java_long(text);
  if (offset && *offset >= 0) return *offset;
  return std::unexpected(
      UsageError{"The provided offset value '" + text +
                 "' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."});
}

/// The consumer's settings: those of the file under those of the command line, and what the tool adds.
class ConsumerProperties {
 public:
  ConsumerProperties(const Call& call, const config::Properties& file)
      : call_(call),
        given_(call.given),
        file_(file),
        flags_(config::merge(config::parse_key_values(given_.all("consumer-property")),
                             call.setting.client_properties)),
        merged_(config::merge(file_, flags_)) {}

  std::expected<config::Properties, UsageError> read() {
    auto refused = read_group();
    if (!refused) refused = read_reset();
    if (refused) return std::unexpected(*refused);
    merged_.erase("bootstrap.servers");
    merged_.try_emplace("client.id", "console-consumer");
    if (given_.has("isolation-level") || !merged_.contains("isolation.level")) {
      merged_.insert_or_assign("isolation.level", *given_.text("isolation-level"));
    }
    return std::move(merged_);
  }

 private:
  /// The group may be named in three places, but they must agree. Without any it is a random one that commits
  /// nothing.
  std::optional<UsageError> read_group() {
    std::set<std::string> groups;
    if (const auto group = given_.text("group")) groups.insert(*group);
    if (const auto group = config::find(file_, "group.id")) groups.insert(*group);
    if (const auto group = config::find(flags_, "group.id")) groups.insert(*group);
    if (groups.size() > 1) return different_groups(groups);
    if (!groups.empty() && given_.has("partition")) {
      return UsageError{"Options group and partition cannot be specified together."};
    }
    if (!groups.empty()) {
      merged_.insert_or_assign("group.id", *groups.begin());
      return std::nullopt;
    }
    merged_.insert_or_assign(
        "group.id", "console-consumer-" + std::to_string(call_.environment.rng.below(random_groups)));
    merged_.try_emplace("enable.auto.commit", "false");
    return std::nullopt;
  }

  static UsageError different_groups(const std::set<std::string>& groups) {
    std::vector<std::string> quoted;
    for (const std::string& group : groups) quoted.push_back("'" + group + "'");
    return {
        "The group ids provided in different places (directly using '--group', via '--consumer-property', or "
        "via "
        "'--consumer.config') do not match. Detected group ids: " +
        term::join(quoted, ", ")};
  }

  std::optional<UsageError> read_reset() {
    const bool from_beginning = given_.has("from-beginning");
    const auto reset = config::find(merged_, "auto.offset.reset");
    if (!reset) merged_.insert_or_assign("auto.offset.reset", from_beginning ? "earliest" : "latest");
    if (!reset || !from_beginning || *reset == "earliest") return std::nullopt;
    return UsageError{"Can't simultaneously specify --from-beginning and 'auto.offset.reset=" + *reset +
                          "', please remove one option",
                      Show::message};
  }

  const Call& call_;
  const Given& given_;
  const config::Properties& file_;
  const config::Properties flags_;
  config::Properties merged_;
};

/// The formatter and its properties: those of the file, the two deserializer options, then --property.
std::optional<UsageError> read_formatter(const Call& call, Options& options) {
  auto properties = read_properties(call, "formatter-config");
  if (!properties) return UsageError{properties.error().message, Show::usage};
  for (const char* which : {"key", "value"}) {
    const auto name = call.given.text(std::string(which) + "-deserializer");
    if (name && !name->empty()) properties->insert_or_assign(std::string(which) + ".deserializer", *name);
  }
  options.formatter_properties =
      config::merge(std::move(*properties), config::parse_key_values(call.given.all("property")));
  const std::string class_name = *call.given.text("formatter");
  const auto kind = find_formatter(class_name);
  if (!kind) return UsageError{class_name};
  options.formatter = *kind;
  return std::nullopt;
}

std::optional<int64_t> unless_negative(std::optional<int64_t> value) {
  return value && *value >= 0 ? value : std::nullopt;
}

}  // namespace

constinit const Syntax syntax{.name = "consume",
                              .script = "kafka-console-consumer",
                              .family = Family::jopt,
                              .summary = "Print the records of topics",
                              .purpose =
                                  "This tool helps to read data from Kafka topics and outputs it to standard "
                                  "output.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .parser_errors = Show::usage};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check_combination(given)) return std::unexpected(*refused);
  const auto file = read_properties(call, "consumer.config");
  if (!file) return std::unexpected(file.error());
  auto properties = ConsumerProperties(call, *file).read();
  if (!properties) return std::unexpected(properties.error());
  Options options{.setting = call.setting, .connection = cluster_of(call)};
  options.connection.properties = std::move(*properties);
  const auto offset = read_offset(given);
  if (!offset) return std::unexpected(offset.error());
  options.topic = given.text("topic");
  options.include = given.text("include");
  options.exclude = given.text("blacklist");
  options.partition = given.integer("partition");
  options.offset = *offset;
  if (const auto max = given.integer("max-messages"); max && *max != -1) options.messages_max = *max;
  options.timeout_ms = unless_negative(given.long_integer("timeout-ms"));
  options.skip_message_on_error = given.has("skip-message-on-error");
  options.systest_events = given.has("enable-systest-events");
  if (const auto refused = read_formatter(call, options)) return std::unexpected(*refused);
  return options;
}

}  // namespace kt::cli::consume
