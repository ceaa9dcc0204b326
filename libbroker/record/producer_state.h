#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/record/origin.h"

namespace kt::record {

class BatchView;
struct EndMarker;

/// What a snapshot file keeps of a producer, and DescribeProducers tells (ProducerSnapshot.json). -1: none.
struct ProducerSnapshot {
  int64_t producer_id = -1;
  int16_t epoch = -1;
  int32_t last_sequence = -1;
  int64_t last_offset = -1;
  int32_t offset_delta = 0;  // last minus first offset of the last batch
  int64_t timestamp = -1;
  int32_t coordinator_epoch = -1;
  int64_t open_transaction_first_offset = -1;
  bool operator==(const ProducerSnapshot&) const = default;
};

/// A batch that is in the log already: its producer is told again what it was told then.
struct DuplicateBatch {
  int64_t base_offset = 0;
  int64_t last_offset = 0;
  int64_t timestamp = -1;  // the batch's max timestamp
  bool operator==(const DuplicateBatch&) const = default;
};

/// A transaction that a marker has just ended on this partition, as the transaction index wants it.
struct CompletedTransaction {
  int64_t producer_id = -1;
  int64_t first_offset = 0;
  int64_t last_offset = 0;         // the marker's
  int64_t last_stable_offset = 0;  // the first offset still undecided after it, whatever is replicated
  bool is_aborted = false;
  bool operator==(const CompletedTransaction&) const = default;
};

/// The producers of one partition: last epoch, last five batches, and open transaction of each (KIP-98).
/// Everything in it follows from the log, so a follower and a replay come to the same.
///
/// A batch is checked before it is written, and taken in after:
///
///     const auto duplicate = producers.check(batch, origin);  // offsets assigned
///     if (!duplicate) return fail(duplicate.error());
///     if (*duplicate) return the answer of then;
///     ... write ...
///     if (const auto ended = producers.append(batch)) ... transaction index ...
class ProducerState {
 public:
  static constexpr size_t batches_kept_max = 5;

  /// Whether the batch may be appended; changes nothing. Errors: invalid_producer_epoch,
  /// out_of_order_sequence_number, invalid_txn_state, transaction_coordinator_fenced; from any origin
  /// corrupt_message for a malformed marker.
  Result<std::optional<DuplicateBatch>> check(const BatchView& batch, Origin origin) const;
  /// Takes in a batch that check() let pass. Answers the transaction that it ended, if that one had data
  /// here.
  std::optional<CompletedTransaction> append(const BatchView& batch);

  /// The first offset that a read-committed reader may not pass: of the earliest transaction that is open, or
  /// whose marker is not below the high watermark. The last stable offset is the smaller of it and the high
  /// watermark.
  std::optional<int64_t> first_unstable_offset() const;
  /// The first offset of the earliest open transaction.
  std::optional<int64_t> first_undecided_offset() const;
  bool has_open_transaction(int64_t producer_id, int16_t epoch) const;
  /// When the producer of the earliest open transaction wrote last; a metric for hanging transactions.
  std::optional<int64_t> oldest_transaction_timestamp() const;

  /// Forgets ended transactions whose marker is below the high watermark (or the log's new start).
  void advance_high_watermark(int64_t high_watermark);
  /// Forgets producers without an open transaction that have not written for `expiration_ms`.
  void remove_expired(int64_t now_ms, int64_t expiration_ms);

  /// All producers, by ascending id.
  std::vector<ProducerSnapshot> snapshot() const;
  /// Starts over from a snapshot, after truncation too: what has expired is left out, and markers are
  /// replicated.
  void restore(std::span<const ProducerSnapshot> producers, int64_t now_ms, int64_t expiration_ms);
  void clear();
  size_t size() const { return producers_.size(); }

 private:
  struct Batch {
    int32_t last_sequence = -1;
    int32_t offset_delta = 0;
    int64_t last_offset = -1;
    int64_t timestamp = -1;
    int32_t first_sequence() const;
  };
  struct Producer {
    int16_t epoch = -1;
    uint8_t batch_count = 0;
    bool is_restored = false;  // from a snapshot, which knows of its epoch's last batch alone
    int32_t coordinator_epoch = -1;
    int64_t last_timestamp = -1;
    std::optional<int64_t> open_transaction;      // its first offset
    std::array<Batch, batches_kept_max> batches;  // oldest first

    std::span<const Batch> kept() const { return {batches.data(), batch_count}; }
    int32_t last_sequence() const { return batch_count == 0 ? -1 : batches[batch_count - 1].last_sequence; }
    void take_epoch(int16_t next);
    void add(const Batch& batch);
    bool is_expired(int64_t now_ms, int64_t expiration_ms) const;
  };

  static std::optional<DuplicateBatch> find_duplicate(const BatchView& batch, const Producer& producer);
  static Result<void> check_epoch(const BatchView& batch, const Producer& producer);
  static Result<void> check_marker(const BatchView& batch, const EndMarker& marker, const Producer& producer);
  static bool was_taken(const BatchView& batch, const Producer& producer);
  static Result<void> check_data(const BatchView& batch, Origin origin, const Producer& producer);
  std::optional<CompletedTransaction> end_transaction(const BatchView& batch, const EndMarker& marker);

  std::unordered_map<int64_t, Producer> producers_;
  std::map<int64_t, int64_t> open_;          // first offset -> producer id
  std::map<int64_t, int64_t> unreplicated_;  // ended, by first offset -> marker's offset
};

}  // namespace kt::record
