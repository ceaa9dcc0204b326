#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "libbroker/base/disk.h"
#include "libbroker/log/wait.h"

namespace kt::log {

/// Reads exactly `into.size()` bytes. False when the reader may not wait and would have to. A file that ends
/// before is an error: kafka_storage_error.
Result<bool> read_exactly(File& file, uint64_t position, std::span<std::byte> into, Wait wait);

/// A file of entries of one size, sorted by what `is_beyond` looks at: how many entries from the start are
/// not beyond. None when the reader may not wait and would have to. Reads one entry at a time, as few as
/// bisection needs.
template <size_t entry_bytes, class IsBeyond>
Result<std::optional<uint64_t>> count_not_beyond(File& file, IsBeyond is_beyond, Wait wait) {
  const auto bytes = file.size();
  if (!bytes) return fail(bytes.error());
  uint64_t low = 0, high = *bytes / entry_bytes;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    std::array<std::byte, entry_bytes> entry;
    const auto read = read_exactly(file, middle * entry_bytes, entry, wait);
    if (!read) return fail(read.error());
    if (!*read) return std::nullopt;
    if (is_beyond(entry.data()))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

}  // namespace kt::log
