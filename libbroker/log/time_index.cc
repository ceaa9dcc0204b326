#include "libbroker/log/time_index.h"

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"
#include "libbroker/log/index_file.h"

namespace kt::log {
namespace {

TimeIndex::Entry load(const std::byte* at, int64_t base_offset) {
  return {load_be<int64_t>(at), base_offset + load_be<int32_t>(at + 8)};
}

Result<TimeIndex::Entry> entry_before(File& file, int64_t base_offset, uint64_t count) {
  if (count == 0) return TimeIndex::Entry{-1, base_offset};
  std::array<std::byte, TimeIndex::entry_bytes> entry;
  const auto read = read_exactly(file, (count - 1) * TimeIndex::entry_bytes, entry, Wait::yes);
  if (!read) return fail(read.error());
  return load(entry.data(), base_offset);
}

}  // namespace

std::optional<TimeIndex> TimeIndex::parse(int64_t base_offset, std::span<const std::byte> bytes) {
  if (bytes.size() % entry_bytes != 0) return std::nullopt;
  TimeIndex index(base_offset);
  index.entries_.reserve(bytes.size() / entry_bytes);
  for (size_t at = 0; at < bytes.size(); at += entry_bytes) {
    const Entry entry = load(&bytes[at], base_offset);
    const Entry before = index.last();
    if (entry.offset < before.offset || entry.timestamp <= before.timestamp) return std::nullopt;
    index.entries_.push_back(entry);
  }
  return index;
}

std::vector<std::byte> TimeIndex::encode() const {
  std::vector<std::byte> bytes(entries_.size() * entry_bytes);
  for (size_t i = 0; i < entries_.size(); ++i) {
    store_be(&bytes[i * entry_bytes], entries_[i].timestamp);
    store_be(&bytes[i * entry_bytes + 8], static_cast<int32_t>(entries_[i].offset - base_offset_));
  }
  return bytes;
}

TimeIndex::Entry TimeIndex::last() const {
  return entries_.empty() ? Entry{-1, base_offset_} : entries_.back();
}

TimeIndex::Entry TimeIndex::lookup(int64_t timestamp) const {
  const auto beyond = std::ranges::upper_bound(entries_, timestamp, {}, &Entry::timestamp);
  return beyond == entries_.begin() ? Entry{-1, base_offset_} : *(beyond - 1);
}

void TimeIndex::maybe_append(Entry entry) {
  if (entry.timestamp <= last().timestamp) return;
  KT_ASSERT(entry.offset >= last().offset);
  KT_ASSERT(entry.offset - base_offset_ <= std::numeric_limits<int32_t>::max());
  entries_.push_back(entry);
}

void TimeIndex::truncate_to(int64_t offset) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.offset >= offset; });
}

Result<TimeIndex::Entry> TimeIndex::search(File& file, int64_t base_offset, int64_t timestamp) {
  const auto count = count_not_beyond<entry_bytes>(
      file, [&](const std::byte* entry) { return load_be<int64_t>(entry) > timestamp; }, Wait::yes);
  if (!count) return fail(count.error());
  return entry_before(file, base_offset, **count);
}

Result<TimeIndex::Entry> TimeIndex::last_of(File& file, int64_t base_offset) {
  const auto bytes = file.size();
  if (!bytes) return fail(bytes.error());
  return entry_before(file, base_offset, *bytes / entry_bytes);
}

}  // namespace kt::log
