#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"
#include "libbroker/base/uuid.h"
#include "libbroker/record/log_end.h"
#include "libbroker/record/producer_state.h"

namespace kt::api {

/// A request that waits for partitions to move: a long-polling Fetch, a Produce with acks=all. It lives on
/// one loop.
class Waiter {
 public:
  explicit Waiter(Loop& loop) : loop_(loop) {}
  virtual ~Waiter() = default;
  Loop& loop() const { return loop_; }
  /// On its loop: what it waited for may have happened. May be called more often than it has registered.
  virtual void wake() = 0;

 private:
  Loop& loop_;
};

/// Which records a reader may see.
enum class Isolation : uint8_t { log_end, high_watermark, last_stable };

/// One replica on this broker, for handlers. Every call may come from any loop; none blocks on a disk.
class Partition {
 public:
  struct AppendOptions {
    int16_t acks = -1;
    bool zstd_allowed = true;  // Produce v7+
    bool from_admin_client = false;
  };
  /// Bad records of a batch, by index, for Produce v8+.
  struct RecordError {
    int32_t index;
    std::string message;
  };
  struct AppendError {
    Error error;
    std::vector<RecordError> record_errors = {};
    // With duplicate_sequence_number: the records lie before this offset, known in this leader epoch. A
    // client takes the error for success, so with acks=all it is answered once the high watermark is here.
    int64_t end_offset = -1;
    int32_t leader_epoch = -1;
  };
  struct Appended {
    int64_t base_offset = -1;
    int64_t end_offset = -1;  // first offset after the batch; acks=all waits until the high watermark is here
    int32_t leader_epoch = -1;  // it was appended in
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
  };
  /// Checks a client's batch and appends it, patching offset and epoch in place: `records` are the sole
  /// owner's bytes of a received frame, writable in spite of their type.
  virtual std::expected<Appended, AppendError> append(const Slice& records, const AppendOptions& options) = 0;

  /// A replica that reads as a follower, and what its request says of it.
  struct Follower {
    int32_t id = -1;
    int64_t broker_epoch = -1;  // -1: it does not say
    int64_t log_start = -1;
    bool is_eligible =
        false;  // for the ISR, as far as the metadata goes: alive, not about to stop, the same incarnation
    bool reads_again = false;  // for the same request, whose position has been noted
  };
  struct ReadOptions {
    int64_t offset = 0;
    uint32_t max_bytes = 0;
    bool at_least_one_batch = false;  // the first batch whole, however large (KIP-74)
    Isolation isolation = Isolation::high_watermark;
    int32_t current_leader_epoch = -1;  // -1: not checked
    int32_t last_fetched_epoch = -1;    // -1: divergence not checked (KIP-320)
    bool from_any_replica = false;      // a follower serves it too, up to its own high watermark (KIP-392)
    std::span<const int32_t> near =
        {};  // brokers that are closer to the reader than others; until it is read
    std::optional<Follower> follower = {};  // its log ends at `offset`, which the leader notes once
  };
  struct AbortedTransaction {
    int64_t producer_id, first_offset;
  };
  struct Read {
    std::vector<Piece> records;
    int64_t high_watermark = -1, last_stable_offset = -1, log_start_offset = -1;
    int64_t end_offset = -1;                  // of what may be read at this isolation
    std::optional<record::LogEnd> diverging;  // where the reader's log and this one part
    std::vector<AbortedTransaction> aborted;
    int32_t preferred_replica = -1;  // the replica to ask instead, one of those near; nothing is read
    bool is_cold = false;            // there are records, but not in memory: ask read_later()
    bool is_asked = false;  // the leader waits for this follower's next request: it is answered at once
  };
  virtual Result<Read> read(const ReadOptions& options) = 0;
  /// As read(), by a thread that may wait for the disk, so never cold; `then` is called on `loop`, after this
  /// returns.
  virtual void read_later(const ReadOptions& options, Loop& loop,
                          std::move_only_function<void(Result<Read>)> then) = 0;

  /// Wakes `waiter` once more than `offset` may be read at `isolation`, when the replica changes role or goes
  /// away, or when the leader waits for the next request of `follower`, if it is one that waits.
  virtual void wait_for_data(int64_t offset, Isolation isolation, std::optional<int32_t> follower,
                             std::weak_ptr<Waiter> waiter) = 0;
  enum class Commit { done, pending };
  /// Of what was appended here in `leader_epoch`: `done` when the high watermark is at `end_offset` or
  /// beyond; else `waiter` is woken when it may be. Errors: the replica no longer leads, or too few replicas
  /// are in sync (NOT_ENOUGH_REPLICAS_AFTER_APPEND).
  virtual Result<Commit> wait_for_commit(int64_t end_offset, int32_t leader_epoch,
                                         std::weak_ptr<Waiter> waiter) = 0;

  struct OffsetAt {
    int64_t offset = -1, timestamp_ms = -1;
    int32_t leader_epoch = -1;
  };
  /// ListOffsets: `timestamp_ms` is a time or one of Kafka's special values (-1 latest, -2 earliest, -3
  /// largest time, -4 earliest local). Not found: offset -1. `then` is called on `loop`, perhaps at once: a
  /// search by time may have to wait for the disk.
  virtual void offset_at(int64_t timestamp_ms, Isolation isolation, int32_t current_leader_epoch, Loop& loop,
                         std::move_only_function<void(Result<OffsetAt>)> then) = 0;
  /// OffsetForLeaderEpoch: the last epoch not above `epoch`, and where it ended.
  virtual Result<record::LogEnd> epoch_end(int32_t epoch, int32_t current_leader_epoch) = 0;
  /// DeleteRecords: offset -1 is the high watermark. Returns the offset before which nothing is here any more
  /// of what was asked for.
  virtual Result<int64_t> delete_records(int64_t before_offset) = 0;
  /// Records below it are on no replica any more, as far as brokers of `alive` go that have not left since;
  /// -1: one of them has not told. While it is below `offset`, `waiter` is woken when it may have risen.
  virtual Result<int64_t> wait_for_low_watermark(int64_t offset, std::span<const int32_t> alive,
                                                 std::weak_ptr<Waiter> waiter) = 0;

  struct Sizes {
    uint64_t bytes = 0;
    int64_t offset_lag = 0;
    std::string directory;
  };
  virtual Sizes sizes() = 0;
  struct ActiveProducer {
    int64_t producer_id;
    int32_t producer_epoch, last_sequence;
    int64_t last_timestamp_ms;
    int32_t coordinator_epoch;
    int64_t current_transaction_start_offset;
  };
  virtual Result<std::vector<ActiveProducer>> active_producers() = 0;

  virtual ~Partition() = default;
};

}  // namespace kt::api
