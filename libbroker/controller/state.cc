#include "libbroker/controller/state.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::controller {

using metadata::Broker;
using metadata::ResourceType;

ControllerConfig ControllerConfig::from(const metadata::BrokerConfig& node, metadata::ConfigMap properties,
                                        std::string cluster_id) {
  ControllerConfig config{
      .node_id = node.node_id,
      .cluster_id = std::move(cluster_id),
      .properties = std::move(properties),
      .num_partitions = node.num_partitions,
      .default_replication_factor = static_cast<int16_t>(node.default_replication_factor),
      .delete_topic_enable = node.delete_topic,
      .auto_leader_rebalance = node.auto_leader_rebalance,
      .session_timeout_ms = node.session_timeout_ms,
      .leader_imbalance_check_interval_ms = node.leader_imbalance_check_interval_seconds * 1000,
      .unclean_leader_election_interval_ms = node.unclean_leader_election_interval_ms,
      .idle_interval_ms = node.metadata_idle_interval_ms,
      .leads_from_new_directories =
          std::ranges::count(node.controller_listener_names, metadata::zookeeper_listener) > 0};
  for (const metadata::Voter& voter : node.quorum_voters) config.quorum_ids.push_back(voter.id);
  if (config.quorum_ids.empty()) config.quorum_ids.push_back(node.node_id);
  return config;
}

Error oversized_operation() {
  return {ErrorCode::policy_violation, "Unable to perform excessively large batch operation."};
}

metadata::BrokerLayers State::config_layers() const {
  return {image.config(ResourceType::broker, std::to_string(config.node_id)),
          image.config(ResourceType::broker, ""), config.properties};
}

metadata::ConfigValue State::topic_config(std::string_view topic, std::string_view key) const {
  const metadata::ConfigDef* def = metadata::topic_configs().find(key);
  KT_ASSERT(def);
  return metadata::resolve_topic_config(*def, image.config(ResourceType::topic, topic), config_layers())
      .value;
}

bool State::unclean_election_enabled(std::string_view topic) const {
  return std::get<bool>(topic_config(topic, "unclean.leader.election.enable"));
}

int32_t State::effective_min_isr(const metadata::Topic& topic) const {
  const auto configured = std::get<int64_t>(topic_config(topic.name, "min.insync.replicas"));
  const metadata::Partition* first = topic.partition(0);
  const auto replicas = static_cast<int64_t>(first ? first->replicas.size() : 1);
  return static_cast<int32_t>(std::min(configured, replicas));
}

bool State::elr_enabled() const {
  return image.feature(metadata::eligible_leaders_feature) > 0 &&
         image.metadata_version() >= metadata::metadata_version_elr;
}

Uuid State::default_directory(int32_t broker_id) const {
  const Broker* broker = image.broker(broker_id);
  if (!broker) return metadata::directory_unassigned;
  if (broker->directories.empty()) return metadata::directory_migrating;
  return broker->directories.size() == 1 ? broker->directories.front() : metadata::directory_unassigned;
}

Result<void> State::check_broker_epoch(int32_t broker_id, int64_t broker_epoch) const {
  const Broker* broker = image.broker(broker_id);
  if (!broker)
    return fail(ErrorCode::stale_broker_epoch,
                fmt::format("No broker registration found for broker id {}", broker_id));
  if (broker->epoch != broker_epoch)
    return fail(
        ErrorCode::stale_broker_epoch,
        fmt::format("Expected broker epoch {}, but got broker epoch {}", broker->epoch, broker_epoch));
  return {};
}

}  // namespace kt::controller
