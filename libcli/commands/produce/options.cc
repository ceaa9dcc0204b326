#include "libcli/commands/produce/options.h"

#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/config/addresses.h"

namespace kt::cli::produce {
namespace {

constexpr std::string_view compressions = "none gzip snappy lz4 zstd";
constexpr int32_t batch_bytes_min =
    1024;  // a smaller --batch-size is of Kafka 0.10, where it counted messages

constexpr OptionSpec number(std::string_view name, Value value, std::string_view value_name,
                            std::string_view fallback, std::string_view help) {
  return {.name = name,
          .value = value,
          .value_name = value_name,
          .default_value = fallback,
          .group = Group::advanced,
          .help = help};
}

constexpr OptionSpec specs[] = {
    {.name = "topic",
     .letter = 't',
     .value = Value::text,
     .value_name = "topic",
     .positional = true,
     .complete = Complete::topic,
     .help = "The topic to send to"},
    {.name = "property",
     .aliases = {renamed("reader-property")},
     .value = Value::text,
     .value_name = "prop",
     .many = Many::occurrences,
     .help = "How to read lines, as key=value: parse.key, key.separator (TAB), parse.headers, "
             "headers.delimiter (TAB), "
             "headers.separator (,), headers.key.separator (:), ignore.error, null.marker"},
    {.name = "reader-config",
     .value = Value::text,
     .value_name = "config file",
     .complete = Complete::file,
     .help = "A file with such properties"},
    {.name = "sync", .help = "Send one record at a time and stop at the first failure"},
    {.name = "compression-codec",
     .letter = 'z',
     .value = Value::text,
     .value_name = "compression-codec",
     .value_optional = true,
     .choices = compressions,
     .complete = Complete::choice,
     .help = "How to compress batches; gzip where no name follows"},
    {.name = "request-required-acks",
     .letter = 'a',
     .value = Value::text,
     .value_name = "request required acks",
     .default_value = "-1",
     .help = "Who must have a record before it counts as sent: 0 nobody, 1 the leader, -1 or all every "
             "in-sync replica"},
    number("timeout", Value::long_integer, "timeout_ms", "1000",
           "How long a record may wait for others (linger.ms)"),
    number("batch-size", Value::integer, "size", "16384", "Bytes of a batch (batch.size)"),
    number("max-partition-memory-bytes", Value::integer, "memory in bytes per partition", "16384",
           "Bytes of a batch (batch.size), over --batch-size"),
    number("request-timeout-ms", Value::integer, "request timeout ms", "1500",
           "How long to wait for an answer"),
    number("message-send-max-retries", Value::integer, {}, "3", "How often to try again (retries)"),
    number("retry-backoff-ms", Value::long_integer, {}, "100", "How long to wait before trying again"),
    number("socket-buffer-size", Value::integer, "size", "102400",
           "Bytes of the socket's buffer (send.buffer.bytes)"),
    number("max-memory-bytes", Value::long_integer, "total memory in bytes", "33554432",
           "Bytes of all records that wait (buffer.memory)"),
    number("metadata-expiry-ms", Value::long_integer, "metadata expiration interval", "300000",
           "When to ask again where leaders are (metadata.max.age.ms)"),
    number("max-block-ms", Value::long_integer, "max block on send", "60000", "How long sending may block"),
    {.name = "line-reader",
     .value = Value::text,
     .value_name = "reader_class",
     .default_value = "org.apache.kafka.tools.LineMessageReader",
     .group = Group::advanced,
     .help = "The class that reads lines; kt has this one"},
    also_called(bootstrap_server_option, old_name("broker-list")),
    {.name = "producer.config",
     .aliases = {renamed("command-config"), native_name("client-config")},
     .value = Value::text,
     .value_name = "config file",
     .group = Group::connection,
     .complete = Complete::file,
     .help = "A file with settings for the producer"},
    {.name = "producer-property",
     .aliases = {renamed("command-property")},
     .value = Value::text,
     .value_name = "producer_prop",
     .many = Many::occurrences,
     .group = Group::connection,
     .help = "A setting for the producer as key=value, over those of the file"},
    ignored_option("old-producer", Value::none, Ignored::with_warning),
    ignored_option("queue-size", Value::text, Ignored::silently),
    ignored_option("queue-enqueuetimeout-ms", Value::text, Ignored::silently),
    ignored_option("key-serializer", Value::text, Ignored::silently),
    ignored_option("value-serializer", Value::text, Ignored::silently),
};

constexpr Example examples[] = {
    {"echo hello | kt produce greetings", "Send one record"},
    {"kt produce orders --property parse.key=true --property key.separator=:", "Type records as key:value"},
    {"kt produce orders -z zstd -a all < orders.txt", "Send a file, a record a line"},
};

/// How a producer setting is reached from the command line.
struct SettingOption {
  std::string_view option;
  std::string_view key;
};
constexpr SettingOption setting_options[] = {
    {"timeout", "linger.ms"},
    {"request-required-acks", "acks"},
    {"request-timeout-ms", "request.timeout.ms"},
    {"message-send-max-retries", "retries"},
    {"retry-backoff-ms", "retry.backoff.ms"},
    {"socket-buffer-size", "send.buffer.bytes"},
    {"max-memory-bytes", "buffer.memory"},
    {"batch-size", "batch.size"},
    {"max-partition-memory-bytes", "batch.size"},
    {"metadata-expiry-ms", "metadata.max.age.ms"},
    {"max-block-ms", "max.block.ms"},
};

bool is_old_batch_size(const Given& given, std::string_view option) {
  return option == "batch-size" && given.has(option) && *given.integer(option) < batch_bytes_min;
}

/// The option given, else the property, else the option's default.
void merge_options(const Given& given, config::Properties& properties) {
  for (const auto& [option, key] : setting_options) {
    const bool applies = given.has(option) && !is_old_batch_size(given, option);
    if (applies || !properties.contains(key)) {
      const OptionSpec& spec = *given.table().find(option);
      properties.insert_or_assign(std::string(key),
                                  applies ? *given.text(option) : std::string(spec.default_value));
    }
  }
}

std::string compression_of(const Given& given) {
  if (!given.has("compression-codec")) return "none";
  const std::string name = given.text("compression-codec").value_or("");
  return name.empty() ? "gzip" : name;
}

std::expected<config::Properties, UsageError> producer_properties(const Call& call,
                                                                  const config::Properties& files) {
  const Given& given = call.given;
  const std::string compression = compression_of(given);
  if (!contains_word(compressions, compression)) {
    return std::unexpected(
        UsageError{"Invalid value " + compression +
                       " for configuration compression.type: String must be one of: none, gzip, "
                       "snappy, lz4, zstd",
                   Show::message});
  }
  config::Properties properties =
      config::merge(files, config::parse_key_values(given.all("producer-property")));
  properties = config::merge(std::move(properties), call.setting.client_properties);
  properties.insert_or_assign("compression.type", compression);
  properties.try_emplace("client.id", "console-producer");
  properties.erase("bootstrap.servers");
  merge_options(given, properties);
  return properties;
}

std::expected<LineFormat, UsageError> line_format(const Call& call) {
  auto properties = read_properties(call, "reader-config");
  if (!properties) return std::unexpected(properties.error());
  auto format = LineFormat::of(
      config::merge(std::move(*properties), config::parse_key_values(call.given.all("property"))));
  if (!format) return std::unexpected(UsageError{format.error(), Show::message});
  return std::move(*format);
}

std::optional<UsageError> check(const Given& given) {
  Rules rules(given);
  rules.one_name("producer.config", "command-config", "producer.config")
      .one_name("producer-property", "command-property", "producer-property")
      .one_name("property", "reader-property", "property")
      .require({"topic"})
      .check([&given]() -> std::optional<UsageError> {
        auto refused = config::refuse_address_list(given.text("bootstrap-server").value_or(""));
        if (!refused) return std::nullopt;
        return UsageError{std::move(*refused)};
      });
  const std::string reader = *given.text("line-reader");
  rules.that(reader.ends_with("LineMessageReader"), "There is no line reader " + reader, Show::message);
  return rules.broken();
}

}  // namespace

constinit const Syntax syntax{
    .name = "produce",
    .script = "kafka-console-producer",
    .family = Family::jopt,
    .summary = "Send lines of the standard input as records",
    .purpose = "This tool helps to read data from standard input and publish it to Kafka.",
    .grammar = {.options = specs},
    .examples = examples,
    .parser_errors = Show::usage};

std::expected<Options, UsageError> parse(const Call& call) {
  if (const auto refused = check(call.given)) return std::unexpected(*refused);
  const auto file = read_properties(call, "producer.config");
  if (!file) return std::unexpected(file.error());
  auto properties = producer_properties(call, *file);
  if (!properties) return std::unexpected(properties.error());
  auto format = line_format(call);
  if (!format) return std::unexpected(format.error());
  Connection connection = cluster_of(call);
  connection.properties = std::move(*properties);
  return Options{.setting = call.setting,
                 .connection = std::move(connection),
                 .topic = *call.given.text("topic"),
                 .format = std::move(*format),
                 .sync = call.given.has("sync")};
}

}  // namespace kt::cli::produce
