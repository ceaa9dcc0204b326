#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/record/batch.h"

namespace kt::record {

/// What stands in a batch's header besides what its records say.
struct BatchOptions {
  int64_t base_offset = 0;
  int32_t partition_leader_epoch = -1;
  Codec codec = Codec::none;
  std::optional<int> compression_level = {};  // as compress()
  int64_t producer_id = no_producer_id;
  int16_t producer_epoch = no_producer_epoch;
  int32_t base_sequence = no_sequence;
  bool is_transactional = false;
  bool is_control = false;
  /// Set: the broker's time for all records (LogAppendTime).
  std::optional<int64_t> log_append_time_ms = {};
  /// Set: when tombstones and markers may go (KIP-534).
  std::optional<int64_t> delete_horizon_ms = {};
  /// Set: the last offset, though its record may be gone (a cleaned batch keeps it).
  std::optional<int64_t> last_offset = {};
  /// The max timestamp of a batch that ends up without records.
  int64_t max_timestamp_when_empty = no_timestamp;
};

/// A batch written anew from `header`: same offsets, codec, producer, flags and times.
BatchOptions options_like(const BatchHeader& header);

/// One record to write. A key or value with data() == nullptr is null.
struct NewRecord {
  int64_t timestamp = no_timestamp;
  std::span<const std::byte> key = {};
  std::span<const std::byte> value = {};
  std::span<const Header> headers = {};
};

/// Builds one batch. Records are encoded as they come; header and CRC are written by build().
class BatchBuilder {
 public:
  explicit BatchBuilder(const BatchOptions& options = {});

  /// Adds a record at the next offset.
  void append(const NewRecord& record) { append_at(next_offset_, record); }
  /// Adds a record at `offset`, which may leave a gap after the one before.
  void append_at(int64_t offset, const NewRecord& record);

  /// May be changed until build(), but for the base offset, the delete horizon and the log append time.
  BatchOptions& options() { return options_; }
  int32_t record_count() const { return record_count_; }
  int64_t max_timestamp() const { return max_timestamp_; }
  /// What build() would give now without compression.
  size_t size_bytes() const { return bytes_.size(); }
  /// An upper bound of what one more record adds.
  static size_t record_size_bytes_max(const NewRecord& record);

  /// The finished batch; leaves the builder empty-handed. Without records, options().last_offset is set: a
  /// header that keeps offsets and producer.
  std::vector<std::byte> build();

 private:
  void keep_header_only();
  void compress_records();
  void write_header();
  BatchOptions options_;
  int64_t next_offset_;
  int32_t record_count_ = 0;
  int64_t base_timestamp_ = no_timestamp;
  int64_t max_timestamp_ = no_timestamp;
  std::vector<std::byte> bytes_;  // room for the header, then the records
};

}  // namespace kt::record
