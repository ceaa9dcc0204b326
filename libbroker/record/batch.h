#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "libbroker/base/bytes.h"
#include "libbroker/record/codec.h"
#include "libbroker/record/record.h"

namespace kt::record {

inline constexpr size_t batch_header_bytes = 61;  // everything before the records
inline constexpr size_t batch_prefix_bytes = 12;  // base offset and length: what `length` does not count
inline constexpr int8_t batch_magic = 2;
inline constexpr int64_t no_timestamp = -1, no_producer_id = -1;
inline constexpr int16_t no_producer_epoch = -1;
inline constexpr int32_t no_sequence = -1;

enum class TimestampType : uint8_t { create_time = 0, log_append_time = 1 };

/// The sequence number `delta` (>= 0) records after `sequence`: from 2^31-1 it goes on at 0.
constexpr int32_t sequence_after(int32_t sequence, int32_t delta) {
  return static_cast<int32_t>((static_cast<uint32_t>(sequence) + static_cast<uint32_t>(delta)) & 0x7fffffffu);
}

/// Why bytes are not a batch.
struct BatchFault {
  enum class Kind : uint8_t {
    incomplete,  // so far so good, but `bytes_needed` bytes from the batch's first are needed to go on
    old_format,  // a message set of magic 0 or 1
    corrupt,     // no batch begins here
    malformed,   // framed as a batch, with a header that no writer means
  };
  Kind kind = Kind::corrupt;
  size_t bytes_needed = 0;
  std::string_view reason = {};
};

/// The header of a batch, magic 2 (KIP-98; protocol guide "Record Batch"): a view of its 61 bytes, checked
/// once. Borrows.
class BatchHeader {
 public:
  /// Looks at the header only. What holds of a parsed one: the length covers the header, the codec is known,
  /// count and last offset delta are not negative, offsets do not overflow. The CRC is not looked at.
  static std::expected<BatchHeader, BatchFault> parse(std::span<const std::byte> bytes);

  int64_t base_offset() const { return load_be<int64_t>(at_); }
  int64_t last_offset() const { return base_offset() + last_offset_delta(); }
  /// The offset to fetch after this batch; compaction leaves it as it was.
  int64_t next_offset() const { return last_offset() + 1; }
  size_t size_bytes() const { return batch_prefix_bytes + load_be<uint32_t>(at_ + 8); }
  int32_t partition_leader_epoch() const { return load_be<int32_t>(at_ + 12); }
  uint32_t crc() const { return load_be<uint32_t>(at_ + 17); }
  int16_t attributes() const { return load_be<int16_t>(at_ + 21); }
  Codec codec() const { return static_cast<Codec>(attributes() & 0x07); }
  TimestampType timestamp_type() const { return static_cast<TimestampType>(attributes() >> 3 & 1); }
  bool is_transactional() const { return attributes() & 0x10; }
  bool is_control() const { return attributes() & 0x20; }
  int32_t last_offset_delta() const { return load_be<int32_t>(at_ + 23); }
  /// What timestamp deltas are relative to: the first record's timestamp, or the delete horizon.
  int64_t base_timestamp() const { return load_be<int64_t>(at_ + 27); }
  /// When tombstones and markers of this batch may go; set by the cleaner (KIP-534).
  std::optional<int64_t> delete_horizon_ms() const {
    return attributes() & 0x40 ? std::optional(base_timestamp()) : std::nullopt;
  }
  int64_t max_timestamp() const { return load_be<int64_t>(at_ + 35); }
  int64_t producer_id() const { return load_be<int64_t>(at_ + 43); }
  bool has_producer_id() const { return producer_id() > no_producer_id; }
  int16_t producer_epoch() const { return load_be<int16_t>(at_ + 51); }
  int32_t base_sequence() const { return load_be<int32_t>(at_ + 53); }
  int32_t last_sequence() const {
    return base_sequence() == no_sequence ? no_sequence
                                          : sequence_after(base_sequence(), last_offset_delta());
  }
  int32_t record_count() const { return load_be<int32_t>(at_ + 57); }

  int64_t offset_of(const RecordView& record) const { return base_offset() + record.offset_delta; }
  int64_t timestamp_of(const RecordView& record) const {
    if (timestamp_type() == TimestampType::log_append_time) return max_timestamp();
    return static_cast<int64_t>(static_cast<uint64_t>(base_timestamp()) +
                                static_cast<uint64_t>(record.timestamp_delta));
  }

 protected:
  explicit BatchHeader(const std::byte* at) : at_(at) {}
  const std::byte* at_;
};

/// A whole batch. Borrows its bytes.
class BatchView : public BatchHeader {
 public:
  /// The batch at the beginning of `bytes`, which may go on after it.
  static std::expected<BatchView, BatchFault> parse(std::span<const std::byte> bytes);

  std::span<const std::byte> bytes() const { return {at_, size_bytes()}; }
  bool verify_crc() const;
  /// What follows the header: the records, as one blob of codec().
  std::span<const std::byte> body() const { return bytes().subspan(batch_header_bytes); }
  /// Walks the records of a batch that is not compressed.
  RecordReader records() const;

 private:
  explicit BatchView(const BatchHeader& header) : BatchHeader(header) {}
};

/// Writes what the leader assigns. Both fields lie outside the CRC.
void assign_offset(std::span<std::byte> batch, int64_t base_offset, int32_t partition_leader_epoch);
/// Makes the batch's timestamps the broker's: attribute and max timestamp, and the CRC anew.
void stamp_log_append_time(std::span<std::byte> batch, int64_t now_ms);
/// States the largest of the records' own timestamps: attribute and max timestamp, and the CRC anew.
void stamp_create_time(std::span<std::byte> batch, int64_t max_timestamp);
/// Numbers the batch for an idempotent producer, and computes the CRC anew.
void assign_producer(std::span<std::byte> batch, int64_t producer_id, int16_t producer_epoch,
                     int32_t base_sequence);
/// Computes and writes the CRC of a batch whose other bytes are in place.
void seal(std::span<std::byte> batch);

}  // namespace kt::record
