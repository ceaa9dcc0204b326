#include "libbroker/metadata/broker_config_checks.h"

#include <fmt/core.h>

#include <algorithm>

namespace kt::metadata {
namespace {

Result<void> invalid(std::string message) { return fail(ErrorCode::invalid_config, std::move(message)); }

std::string joined_names(const std::vector<Endpoint>& endpoints) {
  std::string out;
  for (const Endpoint& endpoint : endpoints) out += (out.empty() ? "" : ",") + endpoint.listener;
  return out;
}

bool has_listener(const std::vector<Endpoint>& endpoints, std::string_view name) {
  return std::ranges::count(endpoints, name, &Endpoint::listener) > 0;
}

Result<void> check_quorum(const BrokerConfig& config) {
  if (config.zookeeper_connect) return {};
  if (config.quorum_voters.empty() && config.quorum_bootstrap_servers.empty())
    return invalid(
        "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of "
        "bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.");
  const bool votes = std::ranges::count(config.quorum_voters, config.node_id, &Voter::id) > 0;
  if (config.is_controller && !config.quorum_voters.empty() && !votes)
    return invalid(
        fmt::format("If process.roles contains the 'controller' role, the node id {} must be included in "
                    "the set of voters controller.quorum.voters",
                    config.node_id));
  if (!config.is_controller && votes)
    return invalid(
        fmt::format("If process.roles contains just the 'broker' role, the node id {} must not be "
                    "included in the set of voters controller.quorum.voters",
                    config.node_id));
  return {};
}

Result<void> check_controller_listeners(const BrokerConfig& config) {
  const auto bound = [&](const std::string& name) { return has_listener(config.listeners, name); };
  const auto& names = config.controller_listener_names;
  if (config.zookeeper_connect) return {};
  if (!config.is_controller) {
    if (names.empty())
      return invalid(
          "controller.listener.names must contain at least one value when running KRaft with just the "
          "broker role");
    if (std::ranges::any_of(names, bound))
      return invalid(
          "controller.listener.names must not contain a value appearing in the 'listeners' configuration "
          "when running KRaft with just the broker role");
    return {};
  }
  if (names.empty() || !std::ranges::any_of(names, bound))
    return invalid(
        "controller.listener.names must contain at least one value appearing in the 'listeners' "
        "configuration when running the KRaft controller role");
  if (!std::ranges::all_of(names, bound))
    return invalid(
        "controller.listener.names must only contain values appearing in the 'listeners' configuration "
        "when running the KRaft controller role");
  if (!config.is_broker && names.size() != config.listeners.size())
    return invalid(
        "The listeners config must only contain KRaft controller listeners from "
        "controller.listener.names when process.roles=controller");
  return {};
}

Result<void> check_advertised(const BrokerConfig& config) {
  for (const auto* all : {&config.advertised_listeners, &config.controller_advertised_listeners})
    if (std::ranges::count(*all, "0.0.0.0", &Endpoint::host) > 0)
      return invalid(
          "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.");
  return {};
}

Result<void> check_broker_listeners(const BrokerConfig& config) {
  if (!config.is_broker) return {};
  const auto& advertised = config.advertised_listeners;
  if (advertised.empty())
    return invalid(
        "There must be at least one broker advertised listener. Perhaps all listeners appear in "
        "controller.listener.names?");
  if (!has_listener(advertised, config.inter_broker_listener_name))
    return invalid(
        fmt::format("inter.broker.listener.name must be a listener name defined in advertised.listeners. "
                    "The valid options based on currently configured listeners are {}",
                    joined_names(advertised)));
  for (const Endpoint& endpoint : advertised) {
    if (!has_listener(config.listeners, endpoint.listener))
      return invalid(
          fmt::format("advertised.listeners listener names must be equal to or a subset of the ones "
                      "defined in listeners. Found {}. The valid options based on the current "
                      "configuration are {}",
                      joined_names(advertised), joined_names(config.listeners)));
  }
  return {};
}

Result<void> check_numbers(const BrokerConfig& config) {
  if (config.queued_request_bytes_max > 0 &&
      config.queued_request_bytes_max < config.socket_request_bytes_max)
    return invalid("queued.max.request.bytes must be larger or equal to socket.request.max.bytes");
  if (config.replica_fetch_wait_ms_max > config.replica_socket_timeout_ms)
    return invalid(
        "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent "
        "unnecessary socket timeouts");
  if (config.replica_fetch_wait_ms_max > config.replica_lag_ms_max)
    return invalid(
        "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to "
        "prevent frequent changes in ISR");
  return {};
}

}  // namespace

Result<void> check_broker_config(const BrokerConfig& config) {
  for (const auto check :
       {check_advertised, check_quorum, check_controller_listeners, check_broker_listeners, check_numbers})
    if (auto checked = check(config); !checked) return checked;
  return {};
}

}  // namespace kt::metadata
