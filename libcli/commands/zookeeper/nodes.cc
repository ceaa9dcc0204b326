#include "libcli/commands/zookeeper/nodes.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kt::cli::zookeeper {
namespace {

using nlohmann::ordered_json;

/// "/a/b/" -> "/a/b".
std::string_view normal(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string broker_json(const client::Topology::Broker& broker) {
  ordered_json json{{"listener_security_protocol_map", {{"PLAINTEXT", "PLAINTEXT"}}},
                    {"endpoints", {fmt::format("PLAINTEXT://{}", broker.at.text())}},
                    {"jmx_port", -1},
                    {"host", broker.at.host},
                    {"port", broker.at.port},
                    {"version", 4}};
  if (broker.rack) json["rack"] = *broker.rack;
  return json.dump();
}

/// Numbers as numbers, names as names.
bool comes_before(const std::string& a, const std::string& b) {
  const auto is_number = [](const std::string& text) {
    return text.find_first_not_of("0123456789") == text.npos;
  };
  if (is_number(a) && is_number(b) && a.size() != b.size()) return a.size() < b.size();
  return a < b;
}

}  // namespace

Nodes::Nodes(const client::Topology& topology, const Configs& configs) {
  for (const char* folder : {"/brokers/ids", "/brokers/topics", "/config/topics"}) add(folder);
  add("/cluster/id", ordered_json{{"version", "1"}, {"id", topology.cluster_id}}.dump());
  if (topology.controller_id >= 0)
    add("/controller", ordered_json{{"version", 1}, {"brokerid", topology.controller_id}}.dump());
  for (const auto& [id, broker] : topology.brokers)
    add(fmt::format("/brokers/ids/{}", id), broker_json(broker));
  for (const auto& [name, topic] : topology.topics) {
    const std::string at = "/brokers/topics/" + name;
    ordered_json replicas = ordered_json::object();
    for (const auto& p : topic.partitions) {
      replicas[std::to_string(p.partition_index)] = p.replica_nodes;
      add(fmt::format("{}/partitions/{}/state", at, p.partition_index),
          ordered_json{
              {"leader", p.leader_id}, {"version", 1}, {"leader_epoch", p.leader_epoch}, {"isr", p.isr_nodes}}
              .dump());
    }
    add(at, ordered_json{{"version", 1}, {"partitions", replicas}}.dump());
  }
  for (const auto& [topic, own] : configs) {
    ordered_json config = ordered_json::object();
    for (const auto& [key, value] : own) config[key] = value;
    add("/config/topics/" + topic, ordered_json{{"version", 1}, {"config", config}}.dump());
  }
}

void Nodes::add(const std::string& path, std::string data) {
  for (size_t slash = 0; slash != path.npos; slash = path.find('/', slash + 1))
    data_.try_emplace(slash == 0 ? "/" : path.substr(0, slash));
  data_[path] = std::move(data);
}

std::optional<std::vector<std::string>> Nodes::children(std::string_view path) const {
  path = normal(path);
  if (!data_.contains(path)) return std::nullopt;
  const std::string prefix = path == "/" ? "/" : std::string(path) + "/";
  std::vector<std::string> names;
  for (auto at = data_.upper_bound(prefix); at != data_.end() && at->first.starts_with(prefix); ++at) {
    const std::string name = at->first.substr(prefix.size());
    if (name.find('/') == name.npos) names.push_back(name);
  }
  std::ranges::sort(names, comes_before);
  return names;
}

std::optional<std::string> Nodes::data(std::string_view path) const {
  const auto found = data_.find(normal(path));
  return found == data_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace kt::cli::zookeeper
