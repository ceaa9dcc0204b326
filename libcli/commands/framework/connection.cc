#include "libcli/commands/framework/connection.h"

#include <algorithm>

#include "libcli/commands/framework/command.h"

namespace kt::cli {
namespace {

/// "a:2181,b:2181/kafka" without the path inside ZooKeeper.
std::string without_chroot(const std::string& addresses) { return addresses.substr(0, addresses.find('/')); }

std::optional<std::string> from_environment(const Environment& environment) {
  for (const char* name : {"KT_BOOTSTRAP_SERVERS", "KT_BOOTSTRAP_SERVER", "KT_BROKERS"}) {
    if (auto value = environment.variable(name); value && !value->empty()) return value;
  }
  return std::nullopt;
}

const Occurrence* find(const Normalised& line, std::string_view option) {
  const auto found =
      std::ranges::find_if(line.options, [option](const Occurrence& o) { return o.option->name == option; });
  return found == line.options.end() ? nullptr : &*found;
}

}  // namespace

Amend supply_bootstrap(Mode mode, const Environment& environment) {
  return [mode, &environment](const OptionTable& table, Normalised& line) {
    const OptionSpec* bootstrap = table.find("bootstrap-server");
    if (!bootstrap || find(line, "bootstrap-server") || find(line, "bootstrap-controller")) return;
    std::optional<std::string> addresses;
    if (const Occurrence* zookeeper = find(line, "zookeeper"))
      addresses = without_chroot(*zookeeper->value);
    else
      addresses = from_environment(environment);
    if (!addresses && mode == Mode::kt) addresses = default_bootstrap_servers;
    if (addresses) line.options.push_back({bootstrap, {}, std::move(addresses)});  // nobody spelled it
  };
}

std::expected<config::Properties, UsageError> read_properties(const Call& call, std::string_view option) {
  const auto path = call.given.text(option);
  if (!path) return config::Properties();
  auto properties = config::load_properties(call.environment.disk, *path);
  if (!properties) return std::unexpected(UsageError{properties.error().message, Show::message});
  return std::move(*properties);
}

Connection cluster_of(const Call& call) {
  const Given& given = call.given;
  if (given.has_common("bootstrap-controller")) {
    return {Connection::Through::controllers, *given.text("bootstrap-controller"), {}};
  }
  const std::string addresses = given.text("bootstrap-server").value_or("");
  const bool asks_zookeeper =
      given.has_common("zookeeper") && addresses == without_chroot(*given.text("zookeeper"));
  return {asks_zookeeper ? Connection::Through::zookeeper_port : Connection::Through::brokers, addresses, {}};
}

std::expected<Connection, UsageError> read_connection(const Call& call, std::string_view file_option) {
  auto properties = read_properties(call, file_option);
  if (!properties) return std::unexpected(properties.error());
  Connection connection = cluster_of(call);
  connection.properties = config::merge(std::move(*properties), call.setting.client_properties);
  return connection;
}

}  // namespace kt::cli
