#include "libcli/commands/broker_api_versions/options.h"

#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"

namespace kt::cli::broker_api_versions {
namespace {

constexpr OptionSpec specs[] = {bootstrap_server_option, command_config_option};

constexpr Example examples[] = {
    {"kt broker-api-versions", "See which requests the brokers understand"},
    {"kt broker-api-versions -b broker1:9092", "See it for the cluster of one broker"},
};

}  // namespace

constinit const Syntax syntax{.name = "broker-api-versions",
                              .script = "kafka-broker-api-versions",
                              .family = Family::jopt,
                              .summary = "Show which requests each broker understands",
                              .purpose = "This tool helps to retrieve broker version information.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .outputs = "table json",
                              .runs_bare = true};

std::expected<Options, UsageError> parse(const Call& call) {
  Rules rules(call.given);
  rules.require({"bootstrap-server"});
  if (rules.broken()) return std::unexpected(*rules.broken());
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  return Options{.setting = call.setting, .connection = std::move(*connection)};
}

}  // namespace kt::cli::broker_api_versions
