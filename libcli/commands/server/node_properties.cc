#include "libcli/commands/server/node_properties.h"

namespace kt::cli::server {
namespace {

constexpr const char* controller_listener = "CONTROLLER://127.0.0.1:0";

// Kafka refuses a combined node without a controller listener, and one without a quorum.
void add_own_controller(config::Properties& properties) {
  properties["process.roles"] = "broker,controller";
  properties.try_emplace("node.id", "1");
  properties["controller.listener.names"] = "CONTROLLER";
  properties["listeners"] += std::string(properties["listeners"].empty() ? "" : ",") + controller_listener;
  properties.try_emplace(
      "listener.security.protocol.map",
      "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL");
  properties["controller.quorum.bootstrap.servers"] = "127.0.0.1:9093";
}

}  // namespace

config::Properties embedded_properties(const std::string& directory) {
  config::Properties properties{
      {"listeners", "PLAINTEXT://127.0.0.1:9092"}, {"log.dirs", directory},
      {"offsets.topic.replication.factor", "1"},   {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},      {"group.initial.rebalance.delay.ms", "0"}};
  return properties;
}

config::Properties with_controller(config::Properties properties) {
  const bool has_place = !config::find(properties, "zookeeper.connect").value_or("").empty();
  if (properties.contains("process.roles") || has_place) return properties;
  if (!properties.contains("listeners")) {  // what came before listeners=
    const std::string host = properties.contains("host.name") ? properties["host.name"] : "";
    const std::string port = properties.contains("port") ? properties["port"] : "9092";
    properties["listeners"] = "PLAINTEXT://" + host + ":" + port;
    const auto told_host = config::find(properties, "advertised.host.name"),
               told_port = config::find(properties, "advertised.port");
    if ((told_host || told_port) && !properties.contains("advertised.listeners")) {
      properties["advertised.listeners"] =
          "PLAINTEXT://" + told_host.value_or(host) + ":" + told_port.value_or(port);
    }
  }
  if (const auto id = config::find(properties, "broker.id"); id && *id != "-1")
    properties.try_emplace("node.id", *id);
  properties.erase("zookeeper.connect");
  properties.try_emplace("offsets.topic.replication.factor", "1");
  add_own_controller(properties);
  return properties;
}

config::Properties with_old_defaults(config::Properties properties) {
  properties.try_emplace("group.initial.rebalance.delay.ms", "0");
  return properties;
}

}  // namespace kt::cli::server
