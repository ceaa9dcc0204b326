#include "libcli/commands/perf/options.h"

#include <fmt/core.h>

#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/config/span.h"

namespace kt::cli::perf {
namespace {

constexpr OptionSpec count(std::string_view name, std::string_view fallback, std::string_view help) {
  return {
      .name = name, .value = Value::integer, .value_name = "number", .default_value = fallback, .help = help};
}

constexpr OptionSpec raw_options[] = {
    {.name = "topic",
     .letter = 't',
     .value = Value::text,
     .value_name = "topic",
     .required = true,
     .positional = true,
     .complete = Complete::topic,
     .help = "The topic to send to"},
    {.name = "load",
     .letter = 'l',
     .value = Value::text,
     .value_name = "load",
     .default_value = "produce",
     .choices = "produce single fetch metadata",
     .complete = Complete::choice,
     .help = "Send batches, send batches of one record, fetch what is there, or ask for metadata"},
    count("batch-bytes", "65536", "Bytes of a batch, or at most of what a fetch brings"),
    count("record-bytes", "1024", "Bytes of each record in a batch"),
    count("depth", "5", "How many requests may be under way on a connection"),
    count("connections", "1", "How many connections to send on"),
    {.name = "acks",
     .letter = 'a',
     .value = Value::text,
     .value_name = "acks",
     .default_value = "all",
     .choices = "1 all",
     .complete = Complete::choice,
     .help = "Who must have a batch before the answer"},
    {.name = "rate",
     .value = Value::number,
     .value_name = "requests",
     .help = "Send so many requests a second, whether answered or not, and count latency from when each "
             "ought to leave"},
    {.name = "warmup",
     .value = Value::text,
     .value_name = "time",
     .default_value = "0s",
     .help = "Send for so long before counting"},
    {.name = "duration",
     .value = Value::text,
     .value_name = "time",
     .default_value = "10s",
     .help = "How long to send: 500ms, 30s, 2m"},
    {.name = "batches",
     .letter = 'n',
     .value = Value::long_integer,
     .value_name = "number",
     .help = "End after so many batches, if that is sooner"},
};

constexpr OptionSpec specs[] = {bootstrap_server_option, command_config_option};

constexpr Subcommand subcommands[] = {
    {.name = "raw",
     .help = "Send requests that were built before, to measure the broker alone",
     .options = raw_options},
};

constexpr Example examples[] = {
    {"kt perf raw orders", "Send 64 KiB batches for ten seconds"},
    {"kt perf raw orders --load fetch --batch-bytes 1048576 --depth 2", "Read it all again and again"},
    {"kt perf raw orders --load single --record-bytes 100 --rate 500",
     "See how long acks take at 500 a second"},
};

std::optional<UsageError> check(const Given& given) {
  const auto within = [&given](const char* option, int32_t max) {
    const int32_t value = *given.integer(option);
    return value > 0 && value <= max;
  };
  const double rate = given.number("rate").value_or(1);
  Rules rules(given);
  rules
      .that(within("batch-bytes", batch_bytes_max),
            "--batch-bytes is 1 to " + std::to_string(batch_bytes_max))
      .that(within("record-bytes", batch_bytes_max),
            "--record-bytes is 1 to " + std::to_string(batch_bytes_max))
      .that(within("depth", depth_max), "--depth is 1 to " + std::to_string(depth_max))
      .that(within("connections", connections_max),
            "--connections is 1 to " + std::to_string(connections_max))
      .that(given.long_integer("batches").value_or(1) > 0, "--batches is 1 or more")
      .that(rate > 0 && rate <= rate_max,
            fmt::format("--rate is above 0 and at most {} requests a second", rate_max));
  return rules.broken();
}

Load load_of(const std::string& text) {
  if (text == "fetch") return Load::fetch;
  if (text == "metadata") return Load::metadata;
  return text == "single" ? Load::single : Load::produce;
}

}  // namespace

constinit const Syntax syntax{.name = "perf",
                              .family = Family::argparse,
                              .summary = "Measure what a broker can take",
                              .grammar = {.options = specs, .subcommands = subcommands},
                              .examples = examples,
                              .outputs = "table json"};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check(given)) return std::unexpected(*refused);
  const auto duration_ms = config::parse_span_ms(*given.text("duration"));
  const auto warmup_ms = config::parse_span_ms(*given.text("warmup"));
  for (const char* option : {"duration", "warmup"}) {
    if (config::parse_span_ms(*given.text(option))) continue;
    return std::unexpected(
        UsageError{fmt::format("--{} is a time such as 30s, not {}", option, *given.text(option))});
  }
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  return Options{.setting = call.setting,
                 .connection = std::move(*connection),
                 .topic = *given.text("topic"),
                 .load = load_of(*given.text("load")),
                 .batch_bytes = *given.integer("batch-bytes"),
                 .record_bytes = *given.integer("record-bytes"),
                 .depth = *given.integer("depth"),
                 .connections = *given.integer("connections"),
                 .acks = static_cast<int16_t>(given.text("acks") == "all" ? -1 : 1),
                 .rate = given.number("rate"),
                 .warmup_ms = *warmup_ms,
                 .duration_ms = *duration_ms,
                 .batches_max = given.long_integer("batches")};
}

}  // namespace kt::cli::perf
