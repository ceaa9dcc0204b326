#include "libbroker/metadata/image_builder.h"

#include <fmt/core.h>

#include <algorithm>

namespace kt::metadata {
namespace {

constexpr int32_t leader_unchanged = -2;  // PartitionChangeRecord

/// Directories of replicas; records from before KIP-858 have none.
std::vector<Uuid> directories_for(const std::vector<Uuid>& directories, size_t replicas) {
  if (directories.size() == replicas) return directories;
  if (!directories.empty())
    throw ReplayError("as many directories as replicas expected in a partition record");
  return std::vector<Uuid>(replicas, directory_migrating);
}

std::vector<Endpoint> endpoints_of(const auto& from) {
  std::vector<Endpoint> out;
  for (const auto& endpoint : from) {
    if (!is_security_protocol(endpoint.security_protocol))
      throw ReplayError(fmt::format("unknown security protocol {}", endpoint.security_protocol));
    out.push_back({endpoint.name, static_cast<SecurityProtocol>(endpoint.security_protocol), endpoint.host,
                   endpoint.port});
  }
  return out;
}

FeatureRanges features_of(const auto& from) {
  FeatureRanges out;
  for (const auto& feature : from)
    out[feature.name] = {feature.min_supported_version, feature.max_supported_version};
  return out;
}

std::vector<Uuid> sorted(std::vector<Uuid> ids) {
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

Partition changed(const Partition& partition, const wire::PartitionChangeRecord& change) {
  Partition out = partition;
  if (change.replicas) out.replicas = *change.replicas;
  if (change.directories)
    out.directories = directories_for(*change.directories, out.replicas.size());
  else if (out.directories.size() != out.replicas.size())
    out.directories.assign(out.replicas.size(), directory_migrating);
  if (change.isr) out.isr = *change.isr;
  if (change.removing_replicas) out.removing_replicas = *change.removing_replicas;
  if (change.adding_replicas) out.adding_replicas = *change.adding_replicas;
  if (change.eligible_leader_replicas) out.elr = *change.eligible_leader_replicas;
  if (change.last_known_elr) out.last_known_elr = *change.last_known_elr;
  if (change.leader_recovery_state >= 0)
    out.leader_recovery = static_cast<LeaderRecovery>(change.leader_recovery_state);
  if (change.leader != leader_unchanged) {
    out.leader = change.leader;
    ++out.leader_epoch;
  }
  ++out.partition_epoch;
  return out;
}

ImageBuilder::ImageBuilder(const Image& base)
    : image_(base),
      topics_(base.topics),
      topic_ids_(base.topic_ids),
      brokers_(base.brokers),
      controllers_(base.controllers),
      configs_(base.configs),
      features_(base.features),
      quotas_(base.quotas),
      acls_(base.acls),
      scram_credentials_(base.scram_credentials),
      delegation_tokens_(base.delegation_tokens) {
  if (base.open_transaction) transaction_ = *base.open_transaction;
}

void ImageBuilder::apply(const Record& record) {
  const bool ends = std::holds_alternative<wire::EndTransactionRecord>(record) ||
                    std::holds_alternative<wire::AbortTransactionRecord>(record) ||
                    std::holds_alternative<wire::BeginTransactionRecord>(record);
  if (transaction_ && !ends)
    transaction_->push_back(record);
  else
    apply_now(record);
}

void ImageBuilder::apply_now(const Record& record) {
  std::visit([&](const auto& r) { on(r); }, record);
}

Image ImageBuilder::freeze(const Provenance& provenance) && {
  for (auto& [id, open] : open_topics_)
    topics_.set(id, Shared(Topic{open.name, id, std::move(open.partitions).freeze()}));
  image_.provenance = provenance;
  image_.topics = std::move(topics_).freeze();
  image_.topic_ids = std::move(topic_ids_).freeze();
  image_.brokers = std::move(brokers_).freeze();
  image_.controllers = std::move(controllers_).freeze();
  image_.configs = std::move(configs_).freeze();
  image_.features = std::move(features_).freeze();
  image_.quotas = std::move(quotas_).freeze();
  image_.acls = std::move(acls_).freeze();
  image_.scram_credentials = std::move(scram_credentials_).freeze();
  image_.delegation_tokens = std::move(delegation_tokens_).freeze();
  image_.open_transaction =
      transaction_ ? std::make_shared<const std::vector<Record>>(*std::move(transaction_)) : nullptr;
  return std::move(image_);
}

// Brokers and controllers.

void ImageBuilder::on(const wire::RegisterBrokerRecord& r) {
  changes_.brokers.insert(r.broker_id);
  brokers_.set(r.broker_id, Shared(Broker{.id = r.broker_id,
                                          .epoch = r.broker_epoch,
                                          .incarnation = r.incarnation_id,
                                          .endpoints = endpoints_of(r.end_points),
                                          .features = features_of(r.features),
                                          .rack = r.rack,
                                          .fenced = r.fenced,
                                          .in_controlled_shutdown = r.in_controlled_shutdown,
                                          .directories = sorted(r.log_dirs)}));
}

void ImageBuilder::on(const wire::UnregisterBrokerRecord& r) {
  changes_.brokers.insert(r.broker_id);
  if (!brokers_.erase(r.broker_id))
    throw ReplayError(fmt::format("tried to unregister broker {}, but it was not registered", r.broker_id));
}

void ImageBuilder::change_broker(int32_t id, int64_t epoch, const char* action, auto&& change) {
  const auto* found = brokers_.find(id);
  if (!found) throw ReplayError(fmt::format("tried to {} broker {}, but it was not registered", action, id));
  Broker broker = **found;
  if (broker.epoch != epoch)
    throw ReplayError(fmt::format("tried to {} broker {}, but the given epoch, {}, is not its epoch, {}",
                                  action, id, epoch, broker.epoch));
  change(broker);
  changes_.brokers.insert(id);
  brokers_.set(id, Shared(std::move(broker)));
}

void ImageBuilder::on(const wire::FenceBrokerRecord& r) {
  change_broker(r.id, r.epoch, "fence", [](Broker& broker) { broker.fenced = true; });
}

void ImageBuilder::on(const wire::UnfenceBrokerRecord& r) {
  change_broker(r.id, r.epoch, "unfence", [](Broker& broker) { broker.fenced = false; });
}

void ImageBuilder::on(const wire::BrokerRegistrationChangeRecord& r) {
  change_broker(r.broker_id, r.broker_epoch, "change", [&](Broker& broker) {
    if (r.fenced != 0) broker.fenced = r.fenced > 0;
    if (r.in_controlled_shutdown != 0) broker.in_controlled_shutdown = r.in_controlled_shutdown > 0;
    if (!r.log_dirs.empty()) broker.directories = sorted(r.log_dirs);
  });
}

void ImageBuilder::on(const wire::RegisterControllerRecord& r) {
  changes_.controllers.insert(r.controller_id);
  controllers_.set(r.controller_id, Shared(ControllerNode{.id = r.controller_id,
                                                          .incarnation = r.incarnation_id,
                                                          .endpoints = endpoints_of(r.end_points),
                                                          .features = features_of(r.features)}));
}

// Topics and partitions.

ImageBuilder::OpenTopic& ImageBuilder::open_topic(const Uuid& id) {
  changes_.topics.insert(id);
  if (const auto open = open_topics_.find(id); open != open_topics_.end()) return open->second;
  const auto* found = topics_.find(id);
  if (!found) throw ReplayError(fmt::format("no topic has the id {}", id.text()));
  const Topic& topic = **found;
  using Partitions = SharedMap<int32_t, Shared<Partition>>;
  return open_topics_.emplace(id, OpenTopic{topic.name, Partitions::Builder(topic.partitions)}).first->second;
}

void ImageBuilder::on(const wire::TopicRecord& r) {
  if (topic_ids_.find(r.name) || topics_.find(r.topic_id) || open_topics_.contains(r.topic_id))
    throw ReplayError(fmt::format("topic {} with id {} exists", r.name, r.topic_id.text()));
  changes_.topics.insert(r.topic_id);
  open_topics_.emplace(r.topic_id, OpenTopic{r.name, SharedMap<int32_t, Shared<Partition>>::Builder()});
  topic_ids_.set(r.name, r.topic_id);
}

void ImageBuilder::on(const wire::PartitionRecord& r) {
  open_topic(r.topic_id)
      .partitions.set(
          r.partition_id,
          Shared(Partition{.replicas = r.replicas,
                           .directories = directories_for(r.directories, r.replicas.size()),
                           .isr = r.isr,
                           .elr = r.eligible_leader_replicas.value_or(std::vector<int32_t>{}),
                           .last_known_elr = r.last_known_elr.value_or(std::vector<int32_t>{}),
                           .removing_replicas = r.removing_replicas,
                           .adding_replicas = r.adding_replicas,
                           .leader = r.leader,
                           .leader_recovery = static_cast<LeaderRecovery>(r.leader_recovery_state),
                           .leader_epoch = r.leader_epoch,
                           .partition_epoch = r.partition_epoch}));
}

void ImageBuilder::on(const wire::PartitionChangeRecord& r) {
  OpenTopic& topic = open_topic(r.topic_id);
  const auto* partition = topic.partitions.find(r.partition_id);
  if (!partition) throw ReplayError(fmt::format("no partition {} in topic {}", r.partition_id, topic.name));
  topic.partitions.set(r.partition_id, Shared(changed(**partition, r)));
}

void ImageBuilder::on(const wire::RemoveTopicRecord& r) {
  const std::string name = open_topic(r.topic_id).name;
  open_topics_.erase(r.topic_id);
  topics_.erase(r.topic_id);
  topic_ids_.erase(name);
  const ConfigResource resource{ResourceType::topic, name};
  if (configs_.erase(resource)) changes_.configs.insert(resource);
}

void ImageBuilder::clear_elr(const Uuid& topic_id) {
  wire::PartitionChangeRecord change{.topic_id = topic_id};
  change.eligible_leader_replicas.emplace();
  change.last_known_elr.emplace();
  OpenTopic& topic = open_topic(topic_id);
  const auto partitions = std::move(topic.partitions).freeze();
  topic.partitions = SharedMap<int32_t, Shared<Partition>>::Builder(partitions);
  for (const auto& [index, partition] : partitions)
    if (!partition->elr.empty() || !partition->last_known_elr.empty())
      topic.partitions.set(index, Shared(changed(*partition, change)));
}

void ImageBuilder::on(const wire::ClearElrRecord& r) {
  if (!r.topic_name.empty()) {
    const Uuid* id = topic_ids_.find(r.topic_name);
    if (!id) throw ReplayError(fmt::format("no topic has the name {}", r.topic_name));
    return clear_elr(*id);
  }
  const auto ids = std::move(topic_ids_).freeze();
  topic_ids_ = decltype(Image::topic_ids)::Builder(ids);
  for (const auto& [name, id] : ids) clear_elr(id);
}

// Everything else.

void ImageBuilder::on(const wire::ConfigRecord& r) {
  const ConfigResource resource{static_cast<ResourceType>(r.resource_type), r.resource_name};
  const auto* found = configs_.find(resource);
  ConfigMap config = found ? **found : ConfigMap{};
  if (r.value)
    config.insert_or_assign(r.name, *r.value);
  else
    config.erase(r.name);
  changes_.configs.insert(resource);
  if (config.empty())
    configs_.erase(resource);
  else
    configs_.set(resource, Shared(std::move(config)));
}

void ImageBuilder::on(const wire::FeatureLevelRecord& r) {
  if (r.name == kraft_version_feature) return;  // written by mistake, by Kafka too (KAFKA-18979)
  changes_.features = true;
  if (r.feature_level == 0)
    features_.erase(r.name);
  else
    features_.set(r.name, r.feature_level);
}

void ImageBuilder::on(const wire::ProducerIdsRecord& r) {
  changes_.producer_ids = true;
  image_.next_producer_id = r.next_producer_id;
}

void ImageBuilder::on(const wire::ClientQuotaRecord& r) {
  changes_.quotas = true;
  QuotaEntity entity;
  for (const auto& part : r.entity) entity[part.entity_type] = part.entity_name;
  const auto* found = quotas_.find(entity);
  std::map<std::string, double> values = found ? **found : std::map<std::string, double>{};
  if (r.remove)
    values.erase(r.key);
  else
    values[r.key] = r.value;
  if (values.empty())
    quotas_.erase(entity);
  else
    quotas_.set(entity, Shared(std::move(values)));
}

void ImageBuilder::on(const wire::AccessControlEntryRecord& r) {
  changes_.acls = true;
  acls_.set(r.id, Shared(r));
}

void ImageBuilder::on(const wire::RemoveAccessControlEntryRecord& r) {
  changes_.acls = true;
  if (!acls_.erase(r.id)) throw ReplayError(fmt::format("no access rule has the id {}", r.id.text()));
}

void ImageBuilder::on(const wire::UserScramCredentialRecord& r) {
  changes_.credentials = true;
  wire::UserScramCredentialRecord kept = r;  // what is kept must not hold on to the frame it was read from
  for (Slice* bytes : {&kept.salt, &kept.stored_key, &kept.server_key}) *bytes = Slice::copy(bytes->bytes);
  scram_credentials_.set({r.name, r.mechanism}, Shared(std::move(kept)));
}

void ImageBuilder::on(const wire::RemoveUserScramCredentialRecord& r) {
  changes_.credentials = true;
  if (!scram_credentials_.erase(ScramUser(r.name, r.mechanism)))
    throw ReplayError(fmt::format("user {} has no credential of mechanism {}", r.name, r.mechanism));
}

void ImageBuilder::on(const wire::DelegationTokenRecord& r) {
  changes_.credentials = true;
  delegation_tokens_.set(r.token_id, Shared(r));
}

void ImageBuilder::on(const wire::RemoveDelegationTokenRecord& r) {
  changes_.credentials = true;
  if (!delegation_tokens_.erase(r.token_id))
    throw ReplayError(fmt::format("no delegation token has the id {}", r.token_id));
}

// Metadata transactions.

void ImageBuilder::on(const wire::BeginTransactionRecord&) {
  if (transaction_) throw ReplayError("a metadata transaction began within another");
  transaction_.emplace();
}

void ImageBuilder::on(const wire::EndTransactionRecord&) {
  if (!transaction_) throw ReplayError("a metadata transaction ended that never began");
  const std::vector<Record> records = *std::exchange(transaction_, std::nullopt);
  for (const Record& record : records) apply_now(record);
}

void ImageBuilder::on(const wire::AbortTransactionRecord&) {
  if (!transaction_) throw ReplayError("a metadata transaction was aborted that never began");
  transaction_.reset();
}

}  // namespace kt::metadata
