#pragma once
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "libbroker/node/partition_shard.h"

namespace kt::node {

/// The replicas on this broker. Any thread.
class PartitionTable {
 public:
  /// Errors: not_leader_or_follower when there is none, kafka_storage_error when its log cannot be opened.
  Result<std::shared_ptr<PartitionShard>> find(const Uuid& topic_id, int32_t index) {
    const std::lock_guard lock(mutex_);
    const auto found = shards_.find({topic_id, index});
    if (found == shards_.end()) return fail(ErrorCode::not_leader_or_follower);
    if (!found->second) return fail(ErrorCode::kafka_storage_error);
    return found->second;
  }
  /// A replica that should be here, and whose directory or log is broken.
  void add_broken(const Uuid& topic_id, int32_t index) {
    const std::lock_guard lock(mutex_);
    shards_[{topic_id, index}] = nullptr;
  }
  void add(std::shared_ptr<PartitionShard> shard) {
    const std::lock_guard lock(mutex_);
    shards_[{shard->topic_id(), shard->index()}] = std::move(shard);
  }
  std::shared_ptr<PartitionShard> remove(const Uuid& topic_id, int32_t index) {
    const std::lock_guard lock(mutex_);
    auto removed = shards_.extract({topic_id, index});
    return removed.empty() ? nullptr : std::move(removed.mapped());
  }
  std::vector<std::shared_ptr<PartitionShard>> all() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<PartitionShard>> shards;
    shards.reserve(shards_.size());
    for (const auto& [key, shard] : shards_) {
      if (shard) shards.push_back(shard);
    }
    return shards;
  }
  /// Calls visit(shard) for each; it must not call the table.
  template <class Visit>
  void for_each(const Visit& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, shard] : shards_)
      if (shard) visit(*shard);
  }

 private:
  struct Key {
    Uuid topic_id;
    int32_t index;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      return std::hash<Uuid>()(key.topic_id) ^ static_cast<size_t>(key.index) * 0x9E3779B9;
    }
  };
  std::mutex mutex_;
  std::unordered_map<Key, std::shared_ptr<PartitionShard>, Hash> shards_;
};

}  // namespace kt::node
