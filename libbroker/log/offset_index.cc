#include "libbroker/log/offset_index.h"

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"
#include "libbroker/log/index_file.h"

namespace kt::log {

std::optional<OffsetIndex> OffsetIndex::parse(int64_t base_offset, std::span<const std::byte> bytes,
                                              uint64_t log_bytes) {
  if (bytes.size() % entry_bytes != 0) return std::nullopt;
  OffsetIndex index(base_offset);
  index.entries_.reserve(bytes.size() / entry_bytes);
  for (size_t at = 0; at < bytes.size(); at += entry_bytes) {
    const Stored entry{load_be<int32_t>(&bytes[at]), load_be<uint32_t>(&bytes[at + 4])};
    if (entry.relative_offset < 0 || entry.position >= log_bytes) return std::nullopt;
    if (at > 0 && entry.relative_offset <= index.entries_.back().relative_offset) return std::nullopt;
    if (at > 0 && entry.position <= index.entries_.back().position) return std::nullopt;
    index.entries_.push_back(entry);
  }
  return index;
}

std::vector<std::byte> OffsetIndex::encode() const {
  std::vector<std::byte> bytes(entries_.size() * entry_bytes);
  for (size_t i = 0; i < entries_.size(); ++i) {
    store_be(&bytes[i * entry_bytes], entries_[i].relative_offset);
    store_be(&bytes[i * entry_bytes + 4], entries_[i].position);
  }
  return bytes;
}

OffsetIndex::Entry OffsetIndex::last() const {
  return entries_.empty() ? Entry{base_offset_, 0} : at(entries_.size() - 1);
}

OffsetIndex::Entry OffsetIndex::lookup(int64_t offset) const {
  const auto beyond = std::ranges::upper_bound(entries_, offset - base_offset_, {},
                                               [](const Stored& s) { return int64_t{s.relative_offset}; });
  return beyond == entries_.begin() ? Entry{base_offset_, 0}
                                    : at(static_cast<size_t>(beyond - entries_.begin() - 1));
}

void OffsetIndex::append(Entry entry) {
  const int64_t relative_offset = entry.offset - base_offset_;
  KT_ASSERT(relative_offset >= 0);
  KT_ASSERT(relative_offset <= std::numeric_limits<int32_t>::max());
  KT_ASSERT(entries_.empty() || relative_offset > entries_.back().relative_offset);
  entries_.push_back({static_cast<int32_t>(relative_offset), entry.position});
}

void OffsetIndex::truncate_to(int64_t offset) {
  std::erase_if(entries_, [&](const Stored& s) { return base_offset_ + s.relative_offset >= offset; });
}

Result<std::optional<OffsetIndex::Entry>> OffsetIndex::search(File& file, int64_t base_offset, int64_t offset,
                                                              Wait wait) {
  const auto count = count_not_beyond<entry_bytes>(
      file, [&](const std::byte* entry) { return base_offset + load_be<int32_t>(entry) > offset; }, wait);
  if (!count) return fail(count.error());
  if (!*count) return std::nullopt;
  if (**count == 0) return Entry{base_offset, 0};
  std::array<std::byte, entry_bytes> entry;
  const auto read = read_exactly(file, (**count - 1) * entry_bytes, entry, wait);
  if (!read) return fail(read.error());
  if (!*read) return std::nullopt;
  return Entry{base_offset + load_be<int32_t>(entry.data()), load_be<uint32_t>(entry.data() + 4)};
}

}  // namespace kt::log
