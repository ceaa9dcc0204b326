// What a ReplicaManager does every while: checkpoints, retention, lagging followers, expired producers and offsets.
#include "libbroker/base/logger.h"
#include "libbroker/node/replica_manager.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.ReplicaManager";

}  // namespace

void ReplicaManager::remove_later(std::string path, int64_t delay_ms) {
  seams_.control.after(delay_ms, [this, alive = std::weak_ptr(alive_), path = std::move(path)] {
    if (!alive.lock()) return;
    seams_.disk_pool.run([&disk = seams_.disk, path] {
      if (auto removed = disk.remove(path); !removed) log_warn(component, "{}", removed.error().message);
    });
  });
}

void ReplicaManager::every(int64_t interval_ms, std::function<void()> work) {
  seams_.control.after(interval_ms,
                       [this, alive = std::weak_ptr(alive_), interval_ms, work = std::move(work)] {
                         if (!alive.lock()) return;
                         work();
                         every(interval_ms, work);
                       });
}

void ReplicaManager::start_upkeep(const metadata::Image& image) {
  set_aside_strays(image);
  directories_.all_opened();  // those of known topics when their metadata was applied
  for (const std::string& path : directories_.leftovers()) remove_later(path, 0);
  every(config_.high_watermark_checkpoint_interval_ms, [this] {
    if (is_checkpoint_queued_.exchange(true)) return;  // a slow disk gets no second one
    seams_.disk_pool.run([this] {
      is_checkpoint_queued_ = false;
      write_checkpoints();
    });
  });
  cleaner_.start();
  every(std::max<int64_t>(1, config_.replica_lag_ms_max / 2), [this] {
    for (const auto& shard : table_.all()) shard->expire_isr();
  });
  every(config_.log_retention_check_interval_ms, [this] { delete_old_segments(); });
  every(config_.offsets_retention_check_interval_ms, [this] { groups_.expire_offsets(); });
  every(config_.producer_id_expiration_check_interval_ms, [this] {
    for (const auto& shard : table_.all()) shard->remove_expired_producers();
  });
}

void ReplicaManager::write_checkpoints() {
  const std::lock_guard lock(checkpointing_);
  std::map<std::string, std::map<log::TopicPartition, LogDirectories::Offsets>> offsets;
  for (const auto& shard : table_.all()) {
    offsets[shard->log_dir()][{shard->topic(), shard->index()}] = shard->checkpoint_offsets();
  }
  const auto failed = directories_.write_checkpoints(offsets);
  if (failed.empty()) return;
  seams_.control.post([this, alive = std::weak_ptr(alive_), failed] {
    if (!alive.lock()) return;
    for (const auto& [path, error] : failed) directory_failed(path, error);
  });
}

void ReplicaManager::delete_old_segments() {
  seams_.disk_pool.run([this, alive = std::weak_ptr(alive_)] {
    if (!alive.lock()) return;
    for (const auto& shard : table_.all()) delete_old_segments_of(shard);
  });
}

/// On the disk pool.
void ReplicaManager::delete_old_segments_of(const std::shared_ptr<PartitionShard>& shard) {
  auto paths = shard->delete_old_segments();
  if (paths && paths->empty()) return;
  seams_.control.post([this, alive = std::weak_ptr(alive_), path = shard->log_dir(), paths = std::move(paths),
                       delay_ms = shard->file_delete_delay_ms()] {
    if (!alive.lock()) return;
    if (!paths) return directory_failed(path, paths.error());
    for (const std::string& old : *paths) remove_later(old, delay_ms);
  });
}

void ReplicaManager::tend(Tending what, const metadata::Topic* topic, int32_t index, Tended done) {
  const auto shard = topic ? table_.find(topic->id, index)
                           : Result<std::shared_ptr<PartitionShard>>(fail(ErrorCode::not_leader_or_follower));
  if (!shard) return done(fail(ErrorCode::unknown_topic_or_partition, "there is no such replica here"));
  if (what == Tending::compact) return cleaner_.compact(*shard, std::move(done));
  auto on_control = [&control = seams_.control, done = std::move(done)](Result<void> outcome) mutable {
    control.post(
        [done = std::move(done), outcome = std::move(outcome)]() mutable { done(std::move(outcome)); });
  };
  seams_.disk_pool.run([this, what, shard = *shard, then = std::move(on_control)]() mutable {
    if (what == Tending::roll) return shard->roll(std::move(then));
    delete_old_segments_of(shard);
    then({});
  });
}

}  // namespace kt::node
