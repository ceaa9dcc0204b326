#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/topic_partition.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/compression.h"

namespace kt::producing {

/// Producer settings that decide; names and defaults are Kafka's (ProducerConfig).
struct Options {
  int16_t acks = -1;                          // 0, 1, -1: all
  int32_t batch_size_bytes = 16'384;          // batch.size
  int64_t linger_ms = 5;                      // linger.ms
  size_t buffer_bytes_max = 32 << 20;         // buffer.memory
  int32_t request_bytes_max = 1 << 20;        // max.request.size
  int32_t in_flight_max = 5;                  // max.in.flight.requests.per.connection
  int32_t retries_max = INT32_MAX;            // retries
  int64_t retry_backoff_ms = 100;             // retry.backoff.ms
  int64_t delivery_timeout_ms = 120'000;      // delivery.timeout.ms
  record::Codec codec = record::Codec::none;  // compression.type
  bool is_idempotent = true;                  // enable.idempotence
};

using BatchId = uint64_t;

/// A batch on its way to the leader of its partition.
struct Outgoing {
  BatchId batch;
  TopicPartition to;
  std::shared_ptr<const std::vector<std::byte>> bytes;
};

/// What became of records [first_index, first_index + record_count) of a batch: all of them, unless it had to
/// be split.
struct Delivery {
  BatchId batch;
  TopicPartition to;
  int32_t first_index = 0;
  int32_t record_count = 0;
  Error error = {};          // code none: delivered
  int64_t base_offset = -1;  // -1: not known (acks=0, or a duplicate of long ago)
  int64_t log_append_time_ms = -1;
};

/// Gathers records into batches, numbers them, and decides what is sent, sent again and given up. Pure: the
/// shell sends what poll() gives, and says what came of it. Batches of a partition leave in order; with
/// idempotence they are numbered on first leaving and keep the number, so that a broker can tell a repeat
/// (KIP-98, KIP-360).
class Sender {
 public:
  explicit Sender(Options options) : options_(options) {}

  struct Placed {
    BatchId batch;
    int32_t index;  // of the record within the batch
  };
  /// Errors: message_too_large (more than max.request.size); throttling_quota_exceeded stands for a full
  /// buffer, which the shell waits out (has_room()).
  Result<Placed> add(const TopicPartition& to, const record::NewRecord& record, int64_t now_ms);
  bool has_room(size_t record_bytes) const {
    return buffered_bytes_ + record_bytes <= options_.buffer_bytes_max;
  }

  /// Idempotence needs an id before anything is sent.
  bool needs_producer_id() const {
    return options_.is_idempotent && producer_id_ < 0 && buffered_batches() > 0;
  }
  void set_producer_id(int64_t id, int16_t epoch);

  /// Everything gathered so far leaves without waiting for linger or more records.
  void flush();
  bool is_drained() const { return batches_.empty(); }

  /// Batches for one node that may leave now, at most one per partition and `request_bytes_max` in all. They
  /// are in flight until answered. `leads` tells whether the node leads a partition. Where the bytes did not
  /// reach round, the next call goes on.
  std::vector<Outgoing> poll(const std::function<bool(const TopicPartition&)>& leads, int64_t now_ms);
  /// Partitions with something to send, for the shell to find their leaders.
  std::vector<TopicPartition> waiting_partitions(int64_t now_ms) const;

  /// The broker's answer for a batch in flight, or why there was none (network_exception, request_timed_out).
  /// A batch that is too large for the broker goes again in halves, which share its sequence numbers
  /// (KIP-126).
  void answered(BatchId batch, const Error& error, int64_t base_offset, int64_t log_append_time_ms,
                int64_t now_ms);
  /// Batches older than delivery.timeout.ms that are not in flight are given up.
  void tick(int64_t now_ms);
  /// Gives up everything, when there will be no producer id.
  void abort(const Error& error);
  /// When poll() or tick() may have something new to say; INT64_MAX: not by itself.
  int64_t deadline_ms(int64_t now_ms) const;

  std::vector<Delivery> take_deliveries() { return std::exchange(deliveries_, {}); }
  /// Whether the last errors ask for fresh metadata.
  bool take_stale_metadata() { return std::exchange(is_metadata_stale_, false); }

 private:
  enum class State : uint8_t { gathering, waiting, in_flight };
  struct Batch {
    BatchId id = 0;
    BatchId origin = 0;       // the batch that add() named
    int32_t first_index = 0;  // of its records in that one
    TopicPartition to;
    State state = State::gathering;
    record::BatchBuilder builder;
    std::shared_ptr<const std::vector<std::byte>> bytes;  // once it has left
    size_t buffered_bytes = 0;
    int32_t record_count = 0;
    int32_t attempts = 0;
    int32_t base_sequence = -1;
    uint64_t number = 0;  // in its queue, once it has left
    bool may_be_appended = false;  // by an attempt whose answer was lost, or did not say
    int64_t created_ms = 0, retry_at_ms = 0;
  };
  struct Queue {
    std::deque<std::shared_ptr<Batch>> batches;  // in order of their sequence
    int32_t next_sequence = 0;
    uint64_t next_number = 0;
    int32_t in_flight = 0;
    int64_t producer_id = -1;  // of what is numbered; -1: nothing was yet
    int16_t producer_epoch = -1;
    bool is_known = false;  // the broker has acknowledged a batch of this producer epoch
    bool has_gap = false;   // what comes next here does not fit to what the broker has: a new epoch is due
  };

  size_t buffered_batches() const { return batches_.size(); }
  bool may_leave(const Queue& queue, const Batch& batch, int64_t now_ms) const;
  /// Whether a broker that has all batches before this one still remembers the first that was not
  /// acknowledged.
  bool is_in_window(const Queue& queue, const Batch& batch) const;
  void seal(const Queue& queue, Batch& batch, int32_t base_sequence);
  void split(Queue& queue, const std::shared_ptr<Batch>& whole);
  void finish(Queue& queue, const std::shared_ptr<Batch>& batch, Error error, int64_t base_offset,
              int64_t log_append_time_ms);
  bool is_worth_a_retry(const Batch& batch, ErrorCode code) const;
  /// Once nothing of the partition is in flight: a new epoch there, in which what was not acknowledged is
  /// numbered from 0 again (KIP-360). Only behind a gap, when the broker has none of it: a batch that it may
  /// have keeps its number until it is answered, or the broker could not tell a repeat.
  void begin_new_epoch_if_due(Queue& queue);
  void begin_epoch(Queue& queue);

  const Options options_;
  int64_t producer_id_ = -1;  // what a partition's next epoch has; -1: to be asked for
  int16_t producer_epoch_ = -1;
  BatchId last_batch_ = 0;
  size_t buffered_bytes_ = 0;
  std::map<TopicPartition, Queue> queues_;
  std::map<BatchId, std::shared_ptr<Batch>> batches_;
  std::vector<Delivery> deliveries_;
  TopicPartition first_to_poll_;
  bool is_metadata_stale_ = false;
};

}  // namespace kt::producing
