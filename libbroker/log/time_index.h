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

/// The largest timestamps of a segment as they grew, in memory, as OffsetIndex.
///
///     .timeindex = (timestamp:int64 relative-offset:int32)*      ; big-endian, both ascending
///
/// No batch up to the offset has a larger timestamp; the offset is the last one of the first batch that has
/// this.
class TimeIndex {
 public:
  struct Entry {
    int64_t timestamp = -1;
    int64_t offset = 0;
    bool operator==(const Entry&) const = default;
  };
  static constexpr size_t entry_bytes = 12;

  explicit TimeIndex(int64_t base_offset) : base_offset_(base_offset) {}
  /// None when the bytes are not a whole number of ascending entries.
  static std::optional<TimeIndex> parse(int64_t base_offset, std::span<const std::byte> bytes);
  std::vector<std::byte> encode() const;

  size_t size() const { return entries_.size(); }
  /// The last entry, {-1, base offset} when there is none.
  Entry last() const;
  /// The last entry at or below `timestamp`, {-1, base offset} when there is none.
  Entry lookup(int64_t timestamp) const;
  /// Adds the entry if its timestamp is larger than the last one's.
  void maybe_append(Entry entry);
  /// Forgets entries whose offset is at or beyond `offset`.
  void truncate_to(int64_t offset);

  /// lookup() in the file of a sealed segment. Blocks.
  static Result<Entry> search(File& file, int64_t base_offset, int64_t timestamp);
  /// last() of the file of a sealed segment. Blocks.
  static Result<Entry> last_of(File& file, int64_t base_offset);

 private:
  int64_t base_offset_;
  std::vector<Entry> entries_;
};

}  // namespace kt::log
