#include "libbroker/metadata/image.h"

#include <algorithm>

namespace kt::metadata {
namespace {

template <class Endpoints>
Endpoints endpoints_of(const std::vector<Endpoint>& endpoints) {
  Endpoints out;
  for (const Endpoint& endpoint : endpoints)
    out.push_back({.name = endpoint.listener,
                   .host = endpoint.host,
                   .port = endpoint.port,
                   .security_protocol = static_cast<int16_t>(endpoint.protocol)});
  return out;
}

template <class Features>
Features features_of(const FeatureRanges& ranges) {
  Features out;
  for (const auto& [name, range] : ranges)
    out.push_back({.name = name, .min_supported_version = range.min, .max_supported_version = range.max});
  return out;
}

wire::RegisterBrokerRecord record_of(const Broker& broker, int16_t metadata_version) {
  wire::RegisterBrokerRecord record{.broker_id = broker.id,
                                    .incarnation_id = broker.incarnation,
                                    .broker_epoch = broker.epoch,
                                    .rack = broker.rack,
                                    .fenced = broker.fenced,
                                    .in_controlled_shutdown = broker.in_controlled_shutdown};
  record.end_points = endpoints_of<decltype(record.end_points)>(broker.endpoints);
  record.features = features_of<decltype(record.features)>(broker.features);
  if (metadata_version >= metadata_version_directories) record.log_dirs = broker.directories;
  return record;
}

wire::RegisterControllerRecord record_of(const ControllerNode& node) {
  wire::RegisterControllerRecord record{.controller_id = node.id, .incarnation_id = node.incarnation};
  record.end_points = endpoints_of<decltype(record.end_points)>(node.endpoints);
  record.features = features_of<decltype(record.features)>(node.features);
  return record;
}

void emit_quota(const QuotaEntity& entity, const std::map<std::string, double>& values,
                const std::function<void(const Record&)>& emit) {
  wire::ClientQuotaRecord record;
  for (const auto& [type, name] : entity) record.entity.push_back({.entity_type = type, .entity_name = name});
  for (const auto& [key, value] : values) {
    record.key = key;
    record.value = value;
    emit(record);
  }
}

}  // namespace

const Endpoint* Broker::endpoint(std::string_view listener) const {
  const auto found = std::ranges::find(endpoints, listener, &Endpoint::listener);
  return found == endpoints.end() ? nullptr : &*found;
}

bool Broker::has_online(const Uuid& directory) const {
  if (directory == directory_unassigned || directory == directory_migrating) return true;
  if (directory == directory_lost) return false;
  return directories.empty() || std::ranges::binary_search(directories, directory);
}

bool Image::operator==(const Image& other) const {
  const auto records_of_open = [](const Image& image) {
    return image.open_transaction ? *image.open_transaction : std::vector<Record>{};
  };
  return topics == other.topics && topic_ids == other.topic_ids && brokers == other.brokers &&
         controllers == other.controllers && configs == other.configs && features == other.features &&
         next_producer_id == other.next_producer_id && quotas == other.quotas && acls == other.acls &&
         scram_credentials == other.scram_credentials && delegation_tokens == other.delegation_tokens &&
         std::ranges::equal(records_of_open(*this), records_of_open(other), same_record);
}

const Topic* Image::topic(const Uuid& id) const {
  const auto* found = topics.find(id);
  return found ? &**found : nullptr;
}

const Topic* Image::topic(std::string_view name) const {
  const auto* id = topic_ids.find(name);
  return id ? topic(*id) : nullptr;
}

const Broker* Image::broker(int32_t id) const {
  const auto* found = brokers.find(id);
  return found ? &**found : nullptr;
}

const ControllerNode* Image::controller(int32_t id) const {
  const auto* found = controllers.find(id);
  return found ? &**found : nullptr;
}

const Partition* Image::partition(const Uuid& topic_id, int32_t index) const {
  const Topic* found = topic(topic_id);
  return found ? found->partition(index) : nullptr;
}

const ConfigMap& Image::config(ResourceType type, std::string_view name) const {
  static const ConfigMap nothing;
  const auto* found = configs.find(ConfigResource{type, std::string(name)});
  return found ? **found : nothing;
}

int16_t Image::feature(std::string_view name) const {
  const auto* level = features.find(name);
  return level ? *level : int16_t{0};
}

bool Image::is_alive(int32_t broker_id) const {
  const Broker* found = broker(broker_id);
  return found && !found->fenced;
}

bool Image::is_active(int32_t broker_id) const {
  const Broker* found = broker(broker_id);
  return found && !found->fenced && !found->in_controlled_shutdown;
}

void Image::for_each_record(const std::function<void(const Record&)>& emit) const {
  const int16_t level = metadata_version();
  if (level > 0) emit(wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = level});
  for (const auto& [name, feature_level] : features)
    if (name != "metadata.version")
      emit(wire::FeatureLevelRecord{.name = name, .feature_level = feature_level});
  for (const auto& [id, broker] : brokers) emit(record_of(*broker, level));
  for (const auto& [id, node] : controllers) emit(record_of(*node));
  for (const auto& [id, topic] : topics) {
    emit(wire::TopicRecord{.name = topic->name, .topic_id = id});
    for (const auto& [index, partition] : topic->partitions)
      emit(partition_record(id, index, *partition, level));
  }
  for (const auto& [resource, config] : configs)
    for (const auto& [name, value] : *config)
      emit(wire::ConfigRecord{.resource_type = static_cast<int8_t>(resource.type),
                              .resource_name = resource.name,
                              .name = name,
                              .value = value});
  for (const auto& [entity, values] : quotas) emit_quota(entity, *values, emit);
  if (next_producer_id) emit(wire::ProducerIdsRecord{.broker_id = -1, .next_producer_id = *next_producer_id});
  for (const auto& [id, acl] : acls) emit(*acl);
  for (const auto& [user, credential] : scram_credentials) emit(*credential);
  for (const auto& [id, token] : delegation_tokens) emit(*token);
}

std::vector<Record> Image::to_records() const {
  std::vector<Record> records;
  for_each_record([&](const Record& record) { records.push_back(record); });
  return records;
}

wire::PartitionRecord partition_record(const Uuid& topic_id, int32_t index, const Partition& partition,
                                       int16_t metadata_version) {
  wire::PartitionRecord record{.partition_id = index,
                               .topic_id = topic_id,
                               .replicas = partition.replicas,
                               .isr = partition.isr,
                               .removing_replicas = partition.removing_replicas,
                               .adding_replicas = partition.adding_replicas,
                               .leader = partition.leader,
                               .leader_recovery_state = static_cast<int8_t>(partition.leader_recovery),
                               .leader_epoch = partition.leader_epoch,
                               .partition_epoch = partition.partition_epoch};
  if (metadata_version >= metadata_version_directories) record.directories = partition.directories;
  if (metadata_version >= metadata_version_elr) {
    if (!partition.elr.empty()) record.eligible_leader_replicas = partition.elr;
    if (!partition.last_known_elr.empty()) record.last_known_elr = partition.last_known_elr;
  }
  return record;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" || name == "__share_group_state";
}

}  // namespace kt::metadata
