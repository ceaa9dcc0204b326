#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/api/partition.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/log/log.h"
#include "libbroker/log/offset_map.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/metadata/image.h"
#include "libbroker/metadata/topic_config.h"
#include "libbroker/node/log_directories.h"
#include "libbroker/node/replication_quota.h"
#include "libbroker/partition/follower.h"
#include "libbroker/partition/leader.h"
#include "libbroker/record/validator.h"

namespace kt::node {

/// What a topic's configuration means to its logs.
log::LogConfig log_config(const metadata::TopicConfig& topic, int64_t producer_id_expiration_ms);

/// What went through a partition since it was opened.
struct Traffic {
  uint64_t messages_in = 0, bytes_in = 0, bytes_out = 0;
  uint64_t writes = 0, reads = 0;  // asked for, whatever came of it
  Traffic& operator+=(const Traffic& other) {
    messages_in += other.messages_in;
    bytes_in += other.bytes_in;
    bytes_out += other.bytes_out;
    writes += other.writes;
    reads += other.reads;
    return *this;
  }
};

class PartitionShard;

/// What all shards of a broker share; outlives their work, though not each of them: one may be held longer.
struct ShardServices {
  Clock& clock;
  Disk& disk;
  Executor& disk_pool;
  int32_t node_id;
  metadata::ValidateCompressed validate_compressed;
  int64_t replica_lag_ms_max;
  int64_t followed_ms;  // see partition::Leader::Options
  ReplicationQuotas& throttles;
  /// A log's directory failed: called once per failure, on any thread.
  std::function<void(const std::string& log_dir, const Error& error)> on_failure;
  /// A leader wants another ISR: called once per change, on any thread, while the shard's mutex is held.
  std::function<void(std::shared_ptr<PartitionShard>, partition::IsrChange)> on_isr_change;
  /// Writes the checkpoints. Blocks.
  std::function<void()> checkpoint;
  Mutants mutants = {};
};

/// One replica: a log, its mutex, and those who wait for it to move. The mutex is held for one step and its
/// append, never across a suspension; who is to be woken is collected under it and woken after. While this
/// broker leads, partition::Leader says what is committed; while it follows, what its leader says is.
class PartitionShard final : public api::Partition, public std::enable_shared_from_this<PartitionShard> {
 public:
  PartitionShard(const ShardServices& services, std::string topic, Uuid topic_id, int32_t index,
                 std::string log_dir, std::unique_ptr<log::Log> log, int64_t high_watermark,
                 const metadata::TopicConfig& config);

  const std::string& topic() const { return topic_; }
  const Uuid& topic_id() const { return topic_id_; }
  int32_t index() const { return index_; }
  const std::string& log_dir() const { return log_dir_; }

  /// As the metadata log says: leads, in a higher epoch from where the log ends, or follows.
  void update(const metadata::Partition& partition, const metadata::TopicConfig& config);
  /// The topic is gone, or the directory failed: everyone is woken and hears `why` from now on.
  void retire(ErrorCode why);

  /// The epoch in which this broker began to lead, and has led since; -1: it does not.
  int32_t leads_since();
  /// A batch of the coordinator that was loaded when this broker had led since that epoch; returns the offset
  /// after it. Errors: not_leader_or_follower, not_enough_replicas, kafka_storage_error, sizes.
  Result<int64_t> append_from_coordinator(std::vector<std::byte> batch, int32_t leads_since);
  /// Whole batches from the first one at or beyond `offset`, for a coordinator's replay; empty at the log's
  /// end. May block, without the mutex.
  Result<Slice> read_for_replay(int64_t offset, size_t bytes_max);
  int64_t log_start_offset();

  // Following, in a leader epoch. Errors: fenced_leader_epoch when it does not follow in this one (any more).
  struct FetchPosition {
    int64_t offset;
    int32_t last_epoch;  // -1: the log has none
    int64_t log_start;
    bool is_flushed;    // as far as it has to be before the leader may hear of it
    bool is_throttled;  // nothing is fetched for now: it is behind, and its quota is used up
  };
  Result<FetchPosition> fetch_position(int32_t leader_epoch);
  /// What the leader answered to a fetch from `offset`.
  struct FromLeader {
    int64_t offset;
    Slice batches;
    int64_t high_watermark, log_start;
    std::optional<record::LogEnd> diverging;
  };
  /// Appends it and learns what is committed; or says how the log has to be cut first. Errors also:
  /// corrupt_message, kafka_storage_error.
  Result<partition::LogCut> append_from_leader(int32_t leader_epoch, const FromLeader& from);
  /// Blocks.
  Result<void> cut(int32_t leader_epoch, const partition::LogCut& cut);

  // Leading.
  /// Followers that have not kept up leave the ISR; owed every replica.lag.time.max.ms / 2.
  void expire_isr();
  /// A broker has been fenced, or is about to stop: nobody waits for it to join an ISR.
  void broker_left(int32_t id);
  /// What the controller made of a change of the ISR.
  void isr_changed(const partition::IsrChange& change, const Result<partition::Leader::Answer>& answer);

  /// What the checkpoint files say of it.
  LogDirectories::Offsets checkpoint_offsets();
  int64_t file_delete_delay_ms();
  int32_t min_in_sync_replicas();

  /// Where the replica stands, for simulations that hold invariants to it.
  struct Standing {
    int32_t leader_epoch = -1;  // -1: it does not lead
    int64_t high_watermark = 0, log_start = 0, end = 0, stable_end = 0;
  };
  Standing standing();
  bool is_changing_isr();
  /// As partition::Leader has it; none also when it does not lead.
  std::optional<partition::IsrChange> asked_for_isr();
  /// As partition::Leader has it; false also when it does not lead.
  bool is_followed();
  /// Asks the followers whether this broker still leads (see partition::Leader), and returns the number to
  /// wait with.
  int64_t ask_followers();
  /// `done` when all in sync have said so since; else `waiter` is woken when they may have. Errors:
  /// not_leader_or_follower when it does not lead since `leads_since`.
  Result<Commit> wait_for_confirmation(int64_t number, int32_t leads_since,
                                       std::weak_ptr<api::Waiter> waiter);
  record::EpochCache epochs();

  // For metrics.
  Traffic traffic();
  struct LogFigures {
    uint64_t bytes = 0;
    size_t segments = 0;
    int64_t start_offset = 0, end_offset = 0;
  };
  LogFigures log_figures();

  // Upkeep, on the disk pool.
  /// Begins a new segment, whatever the last one holds; `rolled` is called, on the disk pool, when those
  /// before it are on the medium.
  void roll(std::move_only_function<void(Result<void>)> rolled);
  Result<std::vector<std::string>> delete_old_segments();
  /// cleanup.policy has `compact`, and the replica is here to stay.
  bool is_compacted();
  bool is_retired();
  /// As log::Log has them; none waits for the disk under the mutex. What belongs to a replica that was
  /// retired or closed is refused with not_leader_or_follower.
  Result<log::CleaningPlan> plan_cleaning(std::optional<int64_t> clean_offset);
  Result<std::unique_ptr<log::Cleaning>> begin_cleaning(const log::CleaningPlan& plan, log::OffsetMap map);
  Result<std::vector<std::string>> swap_in(log::Cleaning& cleaning);
  /// The cleaning is of the log as it is now.
  bool is_current(const log::Cleaning& cleaning);
  void end_cleaning();
  void remove_expired_producers();
  /// Flushes everything and leaves the files as Kafka does; `closed` is called on the disk pool, after a
  /// flush that is under way. Nothing more is appended from now on.
  void close(std::move_only_function<void(Result<void>)> closed);

  std::expected<Appended, AppendError> append(const Slice& records, const AppendOptions& options) override;
  Result<Read> read(const ReadOptions& options) override;
  void read_later(const ReadOptions& options, Loop& loop,
                  std::move_only_function<void(Result<Read>)> then) override;
  void wait_for_data(int64_t offset, api::Isolation isolation, std::optional<int32_t> follower,
                     std::weak_ptr<api::Waiter> waiter) override;
  Result<Commit> wait_for_commit(int64_t end_offset, int32_t leader_epoch,
                                 std::weak_ptr<api::Waiter> waiter) override;
  void offset_at(int64_t timestamp_ms, api::Isolation isolation, int32_t current_leader_epoch, Loop& loop,
                 std::move_only_function<void(Result<OffsetAt>)> then) override;
  Result<record::LogEnd> epoch_end(int32_t epoch, int32_t current_leader_epoch) override;
  Result<int64_t> delete_records(int64_t before_offset) override;
  Result<int64_t> wait_for_low_watermark(int64_t offset, std::span<const int32_t> alive,
                                         std::weak_ptr<api::Waiter> waiter) override;
  Sizes sizes() override;
  Result<std::vector<ActiveProducer>> active_producers() override;

 private:
  using Wakes = std::vector<std::shared_ptr<api::Waiter>>;
  using Waits = std::vector<std::weak_ptr<api::Waiter>>;
  struct Wait {
    int64_t beyond;  // woken when the end that it waits for is greater
    api::Isolation isolation;
    std::weak_ptr<api::Waiter> waiter;
  };

  Result<void> check_leader(int32_t current_leader_epoch) const;
  Result<void> check_epoch(int32_t current_leader_epoch, int32_t leader_epoch) const;
  /// For who reads from followers too.
  Result<void> check_replica(int32_t current_leader_epoch) const;
  Result<void> check_follower(int32_t leader_epoch) const;
  std::expected<void, AppendError> check_in_sync() const;
  record::ProduceRules rules(const AppendOptions& options) const;
  struct Attempt;
  enum class End { by_isolation, of_log };  // a coordinator's replay reads what is not stable yet, too
  Result<Attempt> attempt(const ReadOptions& options, End until, std::optional<log::ReadOut> loaded);
  Result<Read> look(const ReadOptions& options, Wakes& wakes);
  Result<Read> read_waiting(ReadOptions options, End until);
  void learn_segments();
  bool is_open() const { return retired_ == ErrorCode::none && !log_->is_closed(); }
  Result<OffsetAt> find_offset(int64_t timestamp_ms, api::Isolation isolation);
  bool lags_behind_its_epoch(api::Isolation isolation) const;
  int64_t end_for(api::Isolation isolation) const;
  /// Under the mutex: who is to be woken now that the log has moved.
  Wakes moved();
  void count_appended(const log::Appended& appended, size_t bytes);
  void count_read(const Read& read, bool is_followers);
  bool is_throttled(const Follower& follower) const;
  Wakes everyone_waiting();
  static void collect(Waits& waits, Wakes& wakes);
  static void wake(const Wakes& wakes);
  void start_group_commit();
  void failed(const Error& error);
  std::unexpected<Error> failed_to_read(Error error);
  Result<void> close_log();

  const ShardServices& services_;
  const std::string topic_;
  const Uuid topic_id_;
  const int32_t index_;
  const std::string log_dir_;
  const std::string name_;  // "topic-0"

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<log::Log> log_;
  metadata::TopicConfig config_;
  std::optional<partition::Leader> leader_;  // while this broker leads
  int32_t leads_since_ = -1;                 // the first epoch of the last time that it led
  int64_t led_until_ = 0;                    // the high watermark when it ceased to
  int32_t follows_in_ = -1;                  // the leader epoch; -1: it does not follow
  int64_t leaders_high_watermark_ = -1;      // as it was last told in that epoch; -1: it was not
  bool leads_throttled_ = false, follows_throttled_ = false;  // as the topic's configuration says
  int64_t high_watermark_;
  ErrorCode retired_ = ErrorCode::none;
  std::vector<Wait> waits_;
  Waits low_watermark_waits_;  // until a follower tells where its log begins, or is not waited for any more
  Waits confirmation_waits_;   // until the followers have said that they still follow
  int64_t asked_ = 0, confirmed_ = 0;  // of them, as partition::Leader counts
  bool is_flushing_ = false;
  std::move_only_function<void(Result<void>)> closed_;  // to be called after the flush under way
  std::vector<std::move_only_function<void(Result<void>)>>
      rolled_;  // and once no sealed segment waits for one
  Traffic traffic_;
};

}  // namespace kt::node
