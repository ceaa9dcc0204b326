#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "libbroker/metadata/broker_config.h"
#include "libbroker/node/replica_fetcher.h"
#include "libbroker/node/seams.h"

namespace kt::node {

/// Has the partitions that other brokers lead fetched, by one ReplicaFetcher per leader. On the control loop;
/// the fetchers live on the data loops.
class ReplicaFetchers {
 public:
  ReplicaFetchers(const Seams& seams, const metadata::BrokerConfig& config, int32_t node_id);

  /// Leaders that are followed from here and are dead. Any thread.
  const LostBrokers& lost() const { return *lost_; }

  /// Follows `leader`, which listens at `at`, in this leader epoch; and nobody else.
  void follow(const std::shared_ptr<PartitionShard>& shard, int32_t leader, int32_t leader_epoch,
              const kt::Endpoint& at);
  void unfollow(const Uuid& topic_id, int32_t index);
  /// A broker has registered, perhaps at another address, or is fenced.
  void lead_at(int32_t broker, const kt::Endpoint& at);
  /// This broker has: fetching begins.
  void registered(int64_t broker_epoch);
  /// Ends all connections; then `stopped`, on the control loop.
  void stop(Task stopped);

 private:
  using Key = std::pair<Uuid, int32_t>;
  struct Followed {
    int32_t leader, leader_epoch;
    bool operator==(const Followed&) const = default;
  };
  const std::shared_ptr<ReplicaFetcher>& fetcher_of(int32_t leader);
  /// Runs `work` where the fetcher lives, if it lives.
  template <class Work>
  static void on_its_loop(const std::shared_ptr<ReplicaFetcher>& fetcher, Work work) {
    fetcher->loop().post([self = std::weak_ptr(fetcher), work = std::move(work)]() mutable {
      if (const auto alive = self.lock()) work(*alive);
    });
  }

  const Seams seams_;
  const ReplicaFetcher::Options options_;
  const std::shared_ptr<std::atomic<int64_t>> broker_epoch_ = std::make_shared<std::atomic<int64_t>>(-1);
  const std::shared_ptr<LostBrokers> lost_;
  std::map<int32_t, std::shared_ptr<ReplicaFetcher>> fetchers_;  // by leader
  std::map<Key, Followed> followed_;
};

}  // namespace kt::node
