#include "libcli/commands/ready/options.h"

#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/config/span.h"

namespace kt::cli::ready {
namespace {

constexpr std::string_view default_wait = "30s";  // where --wait has no time

constexpr OptionSpec specs[] = {
    {.name = "wait",
     .letter = 'w',
     .value = Value::text,
     .value_name = "time",
     .value_optional = true,
     .help = "Wait until it is so, at most for this time: 500ms, 30s (as without a time), 2m"},
    {.name = "brokers",
     .value = Value::integer,
     .value_name = "number",
     .default_value = "1",
     .help = "How many brokers must be there"},
    bootstrap_server_option,
    command_config_option,
};

constexpr Example examples[] = {
    {"kt ready", "Ask whether the cluster serves"},
    {"kt ready --wait 10s --brokers 3", "Wait until three brokers serve, before a script goes on"},
};

}  // namespace

constinit const Syntax syntax{.name = "ready",
                              .family = Family::argparse,
                              .summary = "Say whether a cluster serves, or wait until it does",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .outputs = "table json",
                              .runs_bare = true};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  const std::string wait = given.has("wait") ? given.text("wait").value_or(std::string(default_wait)) : "0s";
  const auto wait_ms = config::parse_span_ms(wait);
  Rules rules(given);
  rules.that(wait_ms.has_value(), "--wait is a time such as 30s, not " + wait)
      .that(*given.integer("brokers") > 0, "--brokers is 1 or more");
  if (rules.broken()) return std::unexpected(*rules.broken());
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  return Options{.setting = call.setting,
                 .connection = std::move(*connection),
                 .wait_ms = *wait_ms,
                 .brokers_min = *given.integer("brokers")};
}

}  // namespace kt::cli::ready
