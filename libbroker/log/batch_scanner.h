#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libbroker/base/disk.h"
#include "libbroker/log/wait.h"
#include "libbroker/record/batch.h"

namespace kt::log {

/// Reads the batches of part of a segment one after the other, whole, through one buffer. Blocks. Outlived by
/// the file.
class BatchScanner {
 public:
  BatchScanner(File& file, uint64_t position, uint64_t end)
      : file_(file), next_position_(position), end_(end) {}

  /// The next batch, a view that lasts until the next call; its CRC is not looked at. None at the end, and
  /// where what follows is no whole batch: then fault() says why. Errors: the disk's.
  Result<std::optional<record::BatchView>> next();
  /// Where the batch begins that next() answered last.
  uint64_t position() const { return position_; }
  /// Where the next one would begin.
  uint64_t next_position() const { return next_position_; }
  /// Empty unless the scan ended before the end.
  std::string_view fault() const { return fault_; }

 private:
  Result<bool> fill(size_t bytes_needed);
  std::span<const std::byte> buffered() const;

  File& file_;
  uint64_t position_ = 0, next_position_;
  const uint64_t end_;
  std::vector<std::byte> buffer_;
  uint64_t buffer_position_ = 0;  // in the file, of the buffer's first byte
  size_t buffer_bytes_ = 0;
  std::string_view fault_;
};

/// A batch's place in a segment.
struct BatchPlace {
  uint64_t position = 0;
  size_t bytes = 0;
  int64_t base_offset = 0, last_offset = 0, max_timestamp = -1;
  uint64_t end() const { return position + bytes; }
};

/// Walks the batch headers of part of a segment; what lies between them is not read. Outlived by the file.
class HeaderWalk {
 public:
  enum class Step : uint8_t { batch, end, would_wait };
  HeaderWalk(File& file, uint64_t position, uint64_t end, Wait wait)
      : file_(file), next_position_(position), end_(end), wait_(wait) {}

  /// Errors: the disk's; corrupt_message where there is no batch, or not a whole one.
  Result<Step> next();
  const BatchPlace& place() const { return place_; }

 private:
  static constexpr size_t window_bytes = 4096;

  File& file_;
  uint64_t next_position_;
  const uint64_t end_;
  const Wait wait_;
  BatchPlace place_;
  std::array<std::byte, window_bytes> window_;
  uint64_t window_position_ = 0;
  size_t window_filled_ = 0;
};

}  // namespace kt::log
