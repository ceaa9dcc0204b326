#include "libcli/lab/spec.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace kt::lab {
namespace {

using nlohmann::json;

constexpr size_t lab_name_length_max = 64;

// rulings.md: a broker's session is 3 s in a lab, 1 s in a fast one.
const config::Properties patient_timers = {{"broker.session.timeout.ms", "3000"},
                                           {"broker.heartbeat.interval.ms", "500"}};
const config::Properties fast_timers = {{"broker.session.timeout.ms", "1000"},
                                        {"broker.heartbeat.interval.ms", "200"},
                                        {"replica.lag.time.max.ms", "1000"},
                                        {"replica.fetch.wait.max.ms", "50"},
                                        {"leader.imbalance.check.interval.seconds", "5"},
                                        {"group.min.session.timeout.ms", "500"}};
const config::Properties fast_client = {{"session.timeout.ms", "2000"},
                                        {"heartbeat.interval.ms", "200"},
                                        {"metadata.max.age.ms", "2000"},
                                        {"auto.commit.interval.ms", "500"}};

std::string voters_of(const Spec& spec) {
  std::string voters;
  for (const NodeSpec& node : spec.nodes) {
    if (node.is_controller)
      voters += fmt::format("{}{}@127.0.0.1:{}", voters.empty() ? "" : ",", node.id, node.port);
  }
  return voters;
}

Result<Spec> broken(const std::string& why) {
  return fail(ErrorCode::invalid_config, "lab.json cannot be understood: " + why);
}

}  // namespace

std::string NodeSpec::name() const {
  return fmt::format("{}-{}", is_controller ? "controller" : "broker", id);
}

const NodeSpec* Spec::find(int32_t id) const {
  const auto found = std::ranges::find(nodes, id, &NodeSpec::id);
  return found == nodes.end() ? nullptr : &*found;
}

int32_t Spec::brokers() const {
  return static_cast<int32_t>(std::ranges::count(nodes, false, &NodeSpec::is_controller));
}

std::string Spec::bootstrap_servers() const {
  std::string servers;
  for (const NodeSpec& node : nodes) {
    if (!node.is_controller) servers += fmt::format("{}127.0.0.1:{}", servers.empty() ? "" : ",", node.port);
  }
  return servers;
}

std::vector<NodeSpec> lay_out(int32_t brokers, int32_t controllers, uint16_t port_base) {
  std::vector<NodeSpec> nodes;
  for (int32_t i = 0; i < controllers; ++i) {
    const auto port = static_cast<uint16_t>(port_base + controller_port_distance + i);
    nodes.push_back({first_controller_id + i, true, port});
  }
  for (int32_t i = 0; i < brokers; ++i) nodes.push_back({i, false, static_cast<uint16_t>(port_base + i)});
  return nodes;
}

std::string to_json(const Spec& spec) {
  json nodes = json::array();
  for (const NodeSpec& node : spec.nodes)
    nodes.push_back(
        {{"id", node.id}, {"controller", node.is_controller}, {"port", node.port}, {"rack", node.rack}});
  nlohmann::ordered_json document = {{"name", spec.name},
                                     {"cluster_id", spec.cluster_id},
                                     {"fast", spec.is_fast},
                                     {"nodes", nodes},
                                     {"properties", spec.properties}};
  if (spec.seed) document["seed"] = *spec.seed;
  return document.dump(2) + "\n";
}

Result<Spec> spec_from_json(const std::string& text) {
  try {
    const json document = json::parse(text);
    Spec spec{.name = document.at("name"),
              .cluster_id = document.at("cluster_id"),
              .is_fast = document.at("fast"),
              .nodes = {},
              .properties = document.at("properties").get<config::Properties>()};
    for (const json& node : document.at("nodes")) {
      if (spec.find(node.at("id"))) return broken("two nodes have one id");
      spec.nodes.push_back({node.at("id"), node.at("controller"), node.at("port"), node.value("rack", "")});
    }
    if (document.contains("seed")) spec.seed = document.at("seed").get<uint64_t>();
    if (!is_lab_name(spec.name)) return broken("its name is none of a lab");
    if (spec.brokers() == 0) return broken("it has no brokers");
    return spec;
  } catch (const json::exception& error) {
    return broken(error.what());
  }
}

int32_t internal_replication_factor(int32_t brokers) { return std::min(3, brokers); }

config::Properties node_properties(const Spec& spec, const NodeSpec& node, const std::string& directory) {
  const std::string replicas = std::to_string(internal_replication_factor(spec.brokers()));
  config::Properties properties = {
      {"node.id", std::to_string(node.id)},
      {"process.roles", node.is_controller ? "controller" : "broker"},
      {"listeners",
       fmt::format("{}://127.0.0.1:{}", node.is_controller ? "CONTROLLER" : "PLAINTEXT", node.port)},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
      {"controller.quorum.voters", voters_of(spec)},
      {"log.dirs", directory + "/data"},
      {"offsets.topic.replication.factor", replicas},
      {"transaction.state.log.replication.factor", replicas},
      {"transaction.state.log.min.isr",
       std::to_string(std::min(2, internal_replication_factor(spec.brokers())))},
      {"group.initial.rebalance.delay.ms", "0"}};
  if (!node.rack.empty()) properties["broker.rack"] = node.rack;
  properties = config::merge(std::move(properties), spec.is_fast ? fast_timers : patient_timers);
  return config::merge(std::move(properties), spec.properties);
}

const config::Properties& fast_broker_timers() { return fast_timers; }

config::Properties client_properties(const Spec& spec) {
  return spec.is_fast ? fast_client : config::Properties();
}

std::string properties_text(const config::Properties& properties) {
  std::string text;
  const auto escaped = [](const std::string& from, std::string_view special) {
    std::string to;
    for (const char c : from) {
      if (c == '\n') {
        to += "\\n";
        continue;
      }
      if (special.find(c) != special.npos) to += '\\';
      to += c;
    }
    return to;
  };
  for (const auto& [key, value] : properties) {
    // A value keeps its leading blanks only where the first is escaped.
    const std::string_view blank = value.starts_with(' ') ? "\\" : "";
    text += fmt::format("{}={}{}\n", escaped(key, "\\ =:#!"), blank, escaped(value, "\\"));
  }
  return text;
}

bool is_lab_name(const std::string& name) {
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= lab_name_length_max && name[0] != '.' && name[0] != '-' &&
         std::ranges::all_of(name, is_allowed);
}

}  // namespace kt::lab
