#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/log/wait.h"

namespace kt {
class File;
}

namespace kt::log {

/// Where some batches of a segment lie, in memory: that of the segment being written, or one just rebuilt.
///
///     .index = (relative-offset:int32 position:int32)*      ; big-endian, both ascending
///
/// The offset is the batch's last one, the position where the batch begins.
class OffsetIndex {
 public:
  struct Entry {
    int64_t offset = 0;
    uint32_t position = 0;
    bool operator==(const Entry&) const = default;
  };
  static constexpr size_t entry_bytes = 8;

  explicit OffsetIndex(int64_t base_offset) : base_offset_(base_offset) {}
  /// None when the bytes are not a whole number of ascending entries within a segment of `log_bytes`.
  static std::optional<OffsetIndex> parse(int64_t base_offset, std::span<const std::byte> bytes,
                                          uint64_t log_bytes);
  std::vector<std::byte> encode() const;

  size_t size() const { return entries_.size(); }
  /// The last entry, {base offset, 0} when there is none.
  Entry last() const;
  /// The last entry at or below `offset`, {base offset, 0} when there is none.
  Entry lookup(int64_t offset) const;
  /// The batch's offset and position are beyond those of the last entry.
  void append(Entry entry);
  /// Forgets entries at or beyond `offset`.
  void truncate_to(int64_t offset);

  /// lookup() in the file of a sealed segment; none when the reader may not wait and would have to.
  static Result<std::optional<Entry>> search(File& file, int64_t base_offset, int64_t offset, Wait wait);

 private:
  struct Stored {
    int32_t relative_offset;
    uint32_t position;
  };
  Entry at(size_t i) const { return {base_offset_ + entries_[i].relative_offset, entries_[i].position}; }

  int64_t base_offset_;
  std::vector<Stored> entries_;
};

}  // namespace kt::log
