#include "libbroker/node/replica_fetchers.h"

namespace kt::node {
namespace {

ReplicaFetcher::Options options_of(const metadata::BrokerConfig& config, int32_t node_id) {
  return {.node_id = node_id,
          .wait_ms_max = config.replica_fetch_wait_ms_max,
          .bytes_min = config.replica_fetch_bytes_min,
          .bytes_max = config.replica_fetch_response_bytes_max,
          .partition_bytes_max = config.replica_fetch_bytes_max,
          .backoff_ms_max = config.replica_fetch_backoff_ms,
          .connect_timeout_ms = config.replica_socket_timeout_ms,
          .request_timeout_ms = config.replica_socket_timeout_ms};
}

}  // namespace

ReplicaFetchers::ReplicaFetchers(const Seams& seams, const metadata::BrokerConfig& config, int32_t node_id)
    : seams_(seams),
      options_(options_of(config, node_id)),
      lost_(std::make_shared<LostBrokers>(seams.clock)) {}

const std::shared_ptr<ReplicaFetcher>& ReplicaFetchers::fetcher_of(int32_t leader) {
  auto& fetcher = fetchers_[leader];
  if (!fetcher) {
    Loop& loop = *seams_.data[static_cast<size_t>(leader) % seams_.data.size()];
    fetcher = std::make_shared<ReplicaFetcher>(loop, seams_.net, seams_.clock, seams_.disk_pool, options_,
                                               leader, broker_epoch_, lost_);
  }
  return fetcher;
}

void ReplicaFetchers::follow(const std::shared_ptr<PartitionShard>& shard, int32_t leader,
                             int32_t leader_epoch, const kt::Endpoint& at) {
  const Key key{shard->topic_id(), shard->index()};
  const Followed now{leader, leader_epoch};
  const auto known = followed_.find(key);
  if (known != followed_.end() && known->second == now) return;
  if (known != followed_.end() && known->second.leader != leader) unfollow(key.first, key.second);
  followed_.insert_or_assign(key, now);
  on_its_loop(fetcher_of(leader), [shard, leader_epoch, at](ReplicaFetcher& fetcher) {
    fetcher.lead_at(at);
    fetcher.follow(shard, leader_epoch);
  });
}

void ReplicaFetchers::unfollow(const Uuid& topic_id, int32_t index) {
  const auto known = followed_.extract({topic_id, index});
  if (known.empty()) return;
  on_its_loop(fetcher_of(known.mapped().leader),
              [topic_id, index](ReplicaFetcher& fetcher) { fetcher.unfollow(topic_id, index); });
}

void ReplicaFetchers::lead_at(int32_t broker, const kt::Endpoint& at) {
  lost_->forget(broker);
  const auto known = fetchers_.find(broker);
  if (known == fetchers_.end()) return;
  on_its_loop(known->second, [at](ReplicaFetcher& fetcher) { fetcher.lead_at(at); });
}

void ReplicaFetchers::registered(int64_t broker_epoch) {
  broker_epoch_->store(broker_epoch, std::memory_order_relaxed);
  for (const auto& [leader, fetcher] : fetchers_)
    on_its_loop(fetcher, [](ReplicaFetcher& each) { each.pump(); });
}

void ReplicaFetchers::stop(Task stopped) {
  if (fetchers_.empty()) return stopped();
  struct Stopping {
    size_t left;
    Task stopped;
  };
  const auto stopping = std::make_shared<Stopping>(Stopping{fetchers_.size(), std::move(stopped)});
  for (const auto& [leader, fetcher] : fetchers_) {
    on_its_loop(fetcher, [stopping, &control = seams_.control](ReplicaFetcher& each) {
      each.stop();
      control.post([stopping] {
        if (--stopping->left == 0) stopping->stopped();
      });
    });
  }
}

}  // namespace kt::node
