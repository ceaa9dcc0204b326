#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libbroker/log/open_files.h"
#include "libbroker/log/tail.h"
#include "libbroker/metadata/image_builder.h"
#include "libbroker/node/group_runtime.h"
#include "libbroker/node/log_cleaner.h"
#include "libbroker/node/log_directories.h"
#include "libbroker/node/partition_table.h"
#include "libbroker/node/replica_fetchers.h"
#include "libbroker/node/seams.h"

namespace kt::node {

/// Upkeep that somebody asks for.
enum class Tending : uint8_t { roll, retain, compact };
using Tended = std::move_only_function<void(Result<void>)>;

/// Keeps the replicas on this broker as the metadata says: opens logs, leads them or has them fetched from
/// their leaders, gives up those of deleted topics; and looks after them: flushes, checkpoints, retention,
/// compaction. On the control loop; what may take long runs on the disk pool.
class ReplicaManager {
 public:
  ReplicaManager(const Seams& seams, const metadata::BrokerConfig& config,
                 const metadata::ConfigMap& properties, LogDirectories& directories, GroupRuntime& groups,
                 Mutants mutants = {});
  ~ReplicaManager();

  PartitionTable& table() { return table_; }
  const LostBrokers& lost_brokers() const { return fetchers_.lost(); }
  /// Of partitions that were here and are gone.
  const Traffic& traffic_of_the_gone() const { return traffic_of_the_gone_; }
  /// Brings the replicas from `before` to `after`. Blocks while logs are opened.
  void apply(const metadata::Image& before, const metadata::Image& after, const metadata::Changes& changes);
  /// This broker is registered, under this epoch, and `image` has what that changed: from now on replicas
  /// lead and follow. Before, the metadata may still count on records that the last incarnation lost.
  void registered(int64_t broker_epoch, const metadata::Image& image);
  /// Every loop goes by `image` now.
  void on_published(const metadata::Image& image, const metadata::Changes& changes);
  /// Starts the periodic work; `image` is what the replicas are brought to.
  void start_upkeep(const metadata::Image& image);
  /// Does to one replica at once what else is done in its time; `done` is called on the control loop. Errors:
  /// unknown_topic_or_partition when it is not here, invalid_config when its topic is not compacted, the
  /// log's.
  void tend(Tending what, const metadata::Topic* topic, int32_t index, Tended done);
  /// Flushes and closes everything on the disk pool and writes the checkpoints; then `closed`, on the control
  /// loop.
  void close(std::move_only_function<void(Result<void>)> closed);
  /// Called on the control loop when a log directory has failed and is offline.
  std::function<void(const std::string& path, bool any_left, const Error& error)> on_directory_failed;
  /// Where a replica was put when the metadata did not say.
  struct Placed {
    Uuid directory, topic_id;
    int32_t index;
  };
  std::function<void(std::vector<Placed>)> on_placed;
  /// A leader here wants another ISR.
  std::function<void(std::shared_ptr<PartitionShard>, partition::IsrChange)> on_isr_change;

 private:
  /// First, for all topics: a deleted one's directories may be of the next of its name.
  void give_up_gone(const std::set<Uuid>& topics, const metadata::Image& before,
                    const metadata::Image& after);
  void forget(const std::string& path, const std::vector<log::TopicPartition>& partitions);
  void apply_topic(const metadata::Topic* before, const metadata::Topic& after, const metadata::Image& image,
                   bool is_config_changed);
  void update(const metadata::Topic& topic, int32_t index, const metadata::Partition& partition,
              const metadata::TopicConfig& config, const metadata::Image& image);
  /// Null when its log cannot be opened.
  std::shared_ptr<PartitionShard> open(const metadata::Topic& topic, int32_t index,
                                       const metadata::Partition& partition,
                                       const metadata::TopicConfig& config);
  void follow(const std::shared_ptr<PartitionShard>& shard, const metadata::Partition& partition,
              const metadata::Image& image);
  /// Null when there is none.
  std::shared_ptr<PartitionShard> retire(const metadata::Topic& topic, int32_t index);
  void remove_directory(PartitionShard& shard);
  void close_shards(std::move_only_function<void(Result<void>)> closed);
  void set_aside_strays(const metadata::Image& image);
  /// Under a name that nothing reads, for whoever knows what it was; false when the disk fails.
  bool set_aside(const std::string& path, const log::TopicPartition& partition);
  void remove_later(std::string path, int64_t delay_ms);
  void every(int64_t interval_ms, std::function<void()> work);
  void write_checkpoints();
  void delete_old_segments();
  void delete_old_segments_of(const std::shared_ptr<PartitionShard>& shard);
  void directory_failed(const std::string& path, const Error& error);
  metadata::BrokerLayers layers(const metadata::Image& image) const;
  metadata::TopicConfig topic_config(const metadata::Image& image, const std::string& topic) const;

  const Seams seams_;
  const metadata::BrokerConfig& config_;
  const metadata::ConfigMap& properties_;
  LogDirectories& directories_;
  GroupRuntime& groups_;
  /// What the logs here share, until the last is gone: a request whose answer never comes may hold its shard
  /// for longer than this lives.
  struct LogResources {
    log::OpenFiles files;
    log::TailBudget tail_budget;
    SeededRng rng;
  };
  std::shared_ptr<LogResources> log_resources_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  const Mutants mutants_;
  ReplicationQuotas throttles_;
  ShardServices shard_services_;
  PartitionTable table_;
  ReplicaFetchers fetchers_;
  Traffic traffic_of_the_gone_;
  std::atomic<bool> is_checkpoint_queued_ = false;
  std::mutex checkpointing_;    // held while offsets are looked up and written: the latest are written last
  std::vector<Placed> placed_;  // by the apply() under way
  bool is_registered_ = false;
  LogCleaner cleaner_;
};

}  // namespace kt::node
