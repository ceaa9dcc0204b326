#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "libbroker/base/result.h"

namespace kt::record {

class Decompressor;

/// What the leader looks at in a record that it does not keep.
struct ScannedRecord {
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  bool has_key = false;
};

/// Walks compressed records through a fixed buffer, as strict as RecordReader: a record may be cut by the
/// buffer's end, or be larger than it. Borrows both; the decompressor has been started on the batch's body.
class RecordScanner {
 public:
  /// A smaller buffer works too, and is slower; it holds one varint at least.
  static constexpr size_t buffer_bytes = 128 << 10;

  RecordScanner(Decompressor& decompressor, std::span<std::byte> buffer, int32_t count);
  /// The next record; false after `count` records, when nothing follows them. Errors: invalid_record for what
  /// is malformed, message_too_large beyond the decompressor's limit.
  Result<bool> next(ScannedRecord& record);

 private:
  size_t available() const { return static_cast<size_t>(end_ - at_); }
  /// Gets at least `count` bytes (at most half the buffer) into the window [at_, end_), or all that is left.
  Result<void> ensure(size_t count);
  /// These read the fields of a record that the buffer cannot hold, within the `left` bytes that it still
  /// has.
  Result<void> scan_large(uint32_t left, ScannedRecord& record);
  Result<void> read(uint32_t& left, int32_t& value);
  Result<void> read(uint32_t& left, int64_t& value);
  Result<void> skip(uint32_t& left, size_t count);
  Result<bool> skip_bytes(uint32_t& left, int32_t length_min);

  Decompressor& decompressor_;
  const std::span<std::byte> buffer_;
  const std::byte* at_;
  const std::byte* end_;
  int32_t left_;
};

}  // namespace kt::record
