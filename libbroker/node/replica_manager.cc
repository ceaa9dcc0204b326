#include "libbroker/node/replica_manager.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/api/topic_creation.h"
#include "libbroker/base/logger.h"
#include "libbroker/metadata/config_layers.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.ReplicaManager";
constexpr size_t open_files_max = 4096;
constexpr uint64_t tail_bytes_max = 64 << 20;  // of all logs' newest batches in memory
constexpr int64_t followed_ms_min = 1'000;

}  // namespace

ReplicaManager::ReplicaManager(const Seams& seams, const metadata::BrokerConfig& config,
                               const metadata::ConfigMap& properties, LogDirectories& directories,
                               GroupRuntime& groups, Mutants mutants)
    : seams_(seams),
      config_(config),
      properties_(properties),
      directories_(directories),
      groups_(groups),
      log_resources_(new LogResources{
          {seams.disk, open_files_max}, log::TailBudget(tail_bytes_max), SeededRng(seams.rng.next())}),
      mutants_(mutants),
      throttles_({config.replication_quota_windows, 1000 * int64_t{config.replication_quota_window_seconds}}),
      shard_services_{seams.clock,
                      seams.disk,
                      seams.disk_pool,
                      directories.node_id(),
                      config.validate_compressed,
                      config.replica_lag_ms_max,
                      std::max(followed_ms_min, 2 * int64_t{config.replica_fetch_wait_ms_max}),
                      throttles_,
                      [this, alive = std::weak_ptr(alive_)](const std::string& path, const Error& error) {
                        seams_.control.post([this, alive, path, error] {
                          if (alive.lock()) directory_failed(path, error);
                        });
                      },
                      [this, alive = std::weak_ptr(alive_)](std::shared_ptr<PartitionShard> shard,
                                                            partition::IsrChange change) {
                        seams_.control.post(
                            [this, alive, shard = std::move(shard), change = std::move(change)]() mutable {
                              if (alive.lock() && on_isr_change)
                                on_isr_change(std::move(shard), std::move(change));
                            });
                      },
                      [this] { write_checkpoints(); },
                      mutants},
      fetchers_(seams, config, directories.node_id()),
      cleaner_(seams_, table_, LogCleaner::Options::from(config), directories.online_paths()) {}

ReplicaManager::~ReplicaManager() = default;

metadata::BrokerLayers ReplicaManager::layers(const metadata::Image& image) const {
  return {image.config(metadata::ResourceType::broker, std::to_string(directories_.node_id())),
          image.config(metadata::ResourceType::broker, ""), properties_};
}

metadata::TopicConfig ReplicaManager::topic_config(const metadata::Image& image,
                                                   const std::string& topic) const {
  return metadata::TopicConfig::from(image.config(metadata::ResourceType::topic, topic), layers(image));
}

void ReplicaManager::apply(const metadata::Image& before, const metadata::Image& after,
                           const metadata::Changes& changes) {
  std::set<Uuid> configured;  // topics whose configuration may have changed
  const bool is_broker_changed =
      std::ranges::any_of(changes.configs, [](const metadata::ConfigResource& resource) {
        return resource.type == metadata::ResourceType::broker;
      });
  if (is_broker_changed) {
    if (const auto config = metadata::BrokerConfig::from(layers(after))) {
      cleaner_.set_options(LogCleaner::Options::from(*config));
      throttles_.leader.set_bytes_per_second_max(config->leader_throttled_rate);
      throttles_.follower.set_bytes_per_second_max(config->follower_throttled_rate);
    }
  }
  for (const metadata::ConfigResource& resource : changes.configs) {
    if (resource.type == metadata::ResourceType::broker) {
      for (const auto& [id, topic] : after.topics) configured.insert(id);  // by a default of theirs
    } else if (resource.type == metadata::ResourceType::topic) {
      if (const metadata::Topic* topic = after.topic(resource.name)) configured.insert(topic->id);
    }
  }
  for (const int32_t id : changes.brokers) {
    const metadata::Broker* broker = after.broker(id);
    const auto* at = broker ? broker->endpoint(config_.inter_broker_listener_name) : nullptr;
    if (at) fetchers_.lead_at(id, {at->host, at->port});
  }
  std::set<Uuid> topics = changes.topics;
  topics.insert(configured.begin(), configured.end());
  give_up_gone(topics, before, after);
  for (const Uuid& id : topics)
    if (const metadata::Topic* topic = after.topic(id))
      apply_topic(before.topic(id), *topic, after, configured.contains(id));
  if (!placed_.empty() && on_placed) on_placed(std::exchange(placed_, {}));
}

void ReplicaManager::registered(int64_t broker_epoch, const metadata::Image& image) {
  is_registered_ = true;
  for (const auto& [id, topic] : image.topics) {
    std::optional<metadata::TopicConfig> config;
    for (const auto& [index, partition] : topic->partitions) {
      if (partition->leader != directories_.node_id()) continue;
      if (!config) config = topic_config(image, topic->name);
      update(*topic, index, *partition, *config, image);
    }
  }
  fetchers_.registered(broker_epoch);
}

void ReplicaManager::on_published(const metadata::Image& image, const metadata::Changes& changes) {
  for (const int32_t id : changes.brokers) {
    if (image.is_active(id)) continue;
    for (const auto& shard : table_.all()) shard->broker_left(id);
  }
}

void ReplicaManager::give_up_gone(const std::set<Uuid>& topics, const metadata::Image& before,
                                  const metadata::Image& after) {
  const int32_t self = directories_.node_id();
  std::map<std::string, std::vector<std::shared_ptr<PartitionShard>>> gone;  // by log directory
  for (const Uuid& id : topics) {
    const metadata::Topic* was = before.topic(id);
    if (!was) continue;
    const metadata::Topic* is = after.topic(id);
    for (const auto& [index, partition] : was->partitions) {
      const metadata::Partition* now = is ? is->partition(index) : nullptr;
      if (now && std::ranges::find(now->replicas, self) != now->replicas.end()) continue;
      if (auto shard = retire(*was, index)) gone[shard->log_dir()].push_back(std::move(shard));
    }
    if (!is) groups_.topic_deleted(was->name);
  }
  for (const auto& [path, shards] : gone) {
    std::vector<log::TopicPartition> names;
    for (const auto& shard : shards) names.push_back({shard->topic(), shard->index()});
    forget(path, names);
    for (const auto& shard : shards) remove_directory(*shard);
  }
}

/// As long as the files name what lies in a directory, another that gets its name would be taken for it.
void ReplicaManager::forget(const std::string& path, const std::vector<log::TopicPartition>& partitions) {
  cleaner_.forget(path, partitions);
  if (auto done = directories_.forget(path, partitions); !done) directory_failed(path, done.error());
}

void ReplicaManager::apply_topic(const metadata::Topic* before, const metadata::Topic& after,
                                 const metadata::Image& image, bool is_config_changed) {
  const int32_t self = directories_.node_id();
  if (after.name == api::offsets_topic)
    groups_.set_partition_count(static_cast<int32_t>(after.partitions.size()));
  std::optional<metadata::TopicConfig> config;
  for (const auto& [index, partition] : after.partitions) {
    if (std::ranges::find(partition->replicas, self) == partition->replicas.end()) continue;
    // What has not changed is the same object in both images.
    if (before && before->partition(index) == &*partition && !is_config_changed) continue;
    if (!config) config = topic_config(image, after.name);
    update(after, index, *partition, *config, image);
  }
}

void ReplicaManager::update(const metadata::Topic& topic, int32_t index, const metadata::Partition& partition,
                            const metadata::TopicConfig& config, const metadata::Image& image) {
  const auto known = table_.find(topic.id, index);
  if (!known && known.error().code == ErrorCode::kafka_storage_error) return;  // until the next start
  const std::shared_ptr<PartitionShard> shard = known ? *known : open(topic, index, partition, config);
  if (!shard) return table_.add_broken(topic.id, index);
  const bool is_led_here = partition.leader == directories_.node_id();
  if (is_led_here && !is_registered_) return;
  shard->update(partition, config);
  follow(shard, partition, image);
  if (topic.name != api::offsets_topic) return;
  if (is_led_here)
    groups_.add(shard);
  else
    groups_.remove(index);
}

void ReplicaManager::follow(const std::shared_ptr<PartitionShard>& shard,
                            const metadata::Partition& partition, const metadata::Image& image) {
  const bool has_other = partition.has_leader() && partition.leader != directories_.node_id();
  const metadata::Broker* leader = has_other ? image.broker(partition.leader) : nullptr;
  const auto* at = leader ? leader->endpoint(config_.inter_broker_listener_name) : nullptr;
  if (at)
    fetchers_.follow(shard, partition.leader, partition.leader_epoch, {at->host, at->port});
  else
    fetchers_.unfollow(shard->topic_id(), shard->index());
}

std::shared_ptr<PartitionShard> ReplicaManager::open(const metadata::Topic& topic, int32_t index,
                                                     const metadata::Partition& partition,
                                                     const metadata::TopicConfig& config) {
  const log::TopicPartition name{topic.name, index};
  const auto self =
      std::ranges::find(partition.replicas, directories_.node_id()) - partition.replicas.begin();
  const Uuid assigned = static_cast<size_t>(self) < partition.directories.size()
                            ? partition.directories[static_cast<size_t>(self)]
                            : metadata::directory_migrating;
  const auto refuse = [&](const Error& error) {
    log_error(component, "{}-{} is offline: {}", topic.name, index, error.message);
    return nullptr;
  };
  auto place = directories_.place(name, assigned);
  const auto open_log = [&] {
    LogResources& shared = *log_resources_;
    return log::Log::open({shared.files, shared.tail_budget, shared.rng, mutants_},
                          place->path + "/" + log::directory_name(name),
                          log_config(config, config_.producer_id_expiration_ms),
                          directories_.open_options(place->path, name, topic.id));
  };
  while (place) {
    auto log = open_log();
    if (log) {
      const std::shared_ptr<PartitionShard> shard(
          new PartitionShard(shard_services_, topic.name, topic.id, index, place->path, std::move(*log),
                             directories_.high_watermark(place->path, name), config),
          [used = log_resources_](PartitionShard* it) { delete it; });
      table_.add(shard);
      const Uuid id = directories_.id_of(place->path);
      if (id != assigned) placed_.push_back({id, topic.id, index});
      return shard;
    }
    const bool is_of_another = log.error().code == ErrorCode::inconsistent_topic_id;
    const bool has_failed = log.error().code == ErrorCode::kafka_storage_error;
    if (has_failed) directory_failed(place->path, log.error());
    const bool may_go_elsewhere = has_failed && place->is_new;
    if (may_go_elsewhere) directories_.take_back(*place, name);
    if (!may_go_elsewhere && !(is_of_another && set_aside(place->path, name))) return refuse(log.error());
    place = directories_.place(name, assigned);
  }
  return refuse(place.error());
}

std::shared_ptr<PartitionShard> ReplicaManager::retire(const metadata::Topic& topic, int32_t index) {
  if (topic.name == api::offsets_topic) groups_.remove(index);
  fetchers_.unfollow(topic.id, index);
  std::shared_ptr<PartitionShard> shard = table_.remove(topic.id, index);
  if (!shard) return nullptr;
  shard->retire(ErrorCode::unknown_topic_or_partition);
  traffic_of_the_gone_ += shard->traffic();
  return shard;
}

void ReplicaManager::remove_directory(PartitionShard& shard) {
  const log::TopicPartition name{shard.topic(), shard.index()};
  log_resources_->files.forget_directory(shard.log_dir() + "/" +
                                         log::directory_name(name));  // another may get its name
  auto renamed = directories_.rename_away(shard.log_dir(), name);
  if (!renamed) return directory_failed(shard.log_dir(), renamed.error());
  if (!renamed->empty()) remove_later(*renamed, shard.file_delete_delay_ms());
}

/// What lies here and belongs to no topic that has a replica here: its deletion was missed while the
/// directory was offline.
void ReplicaManager::set_aside_strays(const metadata::Image& image) {
  for (const auto& [path, partition] : directories_.found()) {
    const metadata::Topic* topic = image.topic(partition.topic);
    const metadata::Partition* known = topic ? topic->partition(partition.partition) : nullptr;
    const bool is_ours =
        known && std::ranges::find(known->replicas, directories_.node_id()) != known->replicas.end();
    if (!is_ours && directories_.is_online(path)) set_aside(path, partition);
  }
}

bool ReplicaManager::set_aside(const std::string& path, const log::TopicPartition& partition) {
  forget(path, {partition});
  const auto renamed = directories_.rename_away(path, partition, log::PartitionDirectory::State::stray);
  if (!renamed) return directory_failed(path, renamed.error()), false;
  log_warn(component, "{}/{} is of no topic that is known: set aside as {}", path,
           log::directory_name(partition), *renamed);
  return true;
}

void ReplicaManager::directory_failed(const std::string& path, const Error& error) {
  if (!directories_.is_online(path)) return;
  const bool any_left = directories_.take_offline(path);
  log_error(component, "log directory {} is offline: {}", path, error.message);
  for (const auto& shard : table_.all()) {
    if (shard->log_dir() == path) shard->retire(ErrorCode::kafka_storage_error);
  }
  if (on_directory_failed) on_directory_failed(path, any_left, error);
}

void ReplicaManager::close(std::move_only_function<void(Result<void>)> closed) {
  cleaner_.stop();
  fetchers_.stop([this, closed = std::move(closed)]() mutable { close_shards(std::move(closed)); });
}

void ReplicaManager::close_shards(std::move_only_function<void(Result<void>)> closed) {
  struct Closing {
    size_t left;
    Result<void> outcome;
    std::move_only_function<void(Result<void>)> closed;
  };
  on_directory_failed = nullptr;  // it ends anyway; what can be closed cleanly is
  auto shards = table_.all();
  std::erase_if(shards, [this](const auto& shard) { return !directories_.is_online(shard->log_dir()); });
  const auto closing = std::make_shared<Closing>(Closing{shards.size() + 1, {}, std::move(closed)});
  const auto one_done = [this, closing](Result<void> outcome) {
    if (!outcome) closing->outcome = std::move(outcome);
    if (--closing->left > 0) return;
    if (closing->outcome) write_checkpoints();
    closing->closed(std::move(closing->outcome));
  };
  for (const auto& shard : shards) {
    shard->close([this, one_done, path = shard->log_dir()](Result<void> outcome) {
      seams_.control.post([this, one_done, path, outcome = std::move(outcome)]() mutable {
        if (!outcome) directory_failed(path, outcome.error());  // and so it is not marked clean
        one_done({});
      });
    });
  }
  one_done({});
}

}  // namespace kt::node
