#include "libbroker/record/epoch_cache.h"

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::record {

EpochCache::EpochCache(std::span<const Entry> entries) {
  for (const Entry& entry : entries) assign(entry.epoch, entry.start_offset);
}

bool EpochCache::assign(int32_t epoch, int64_t start_offset) {
  KT_ASSERT(epoch >= 0);
  KT_ASSERT(start_offset >= 0);
  const size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().epoch > epoch) entries_.pop_back();  // of no batch
  if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start_offset <= start_offset)
    return entries_.size() != before;
  while (!entries_.empty() &&
         (entries_.back().epoch == epoch || entries_.back().start_offset >= start_offset))
    entries_.pop_back();
  entries_.push_back({epoch, start_offset});
  return true;
}

bool EpochCache::truncate_from_end(int64_t end_offset) {
  const size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start_offset >= end_offset) entries_.pop_back();
  return entries_.size() != before;
}

bool EpochCache::truncate_from_start(int64_t start_offset) {
  const auto later = std::ranges::upper_bound(entries_, start_offset, {}, &Entry::start_offset);
  if (later == entries_.begin()) return false;
  const auto first = later - 1;
  if (first == entries_.begin() && first->start_offset == start_offset) return false;
  first->start_offset = start_offset;
  entries_.erase(entries_.begin(), first);
  return true;
}

std::optional<LogEnd> EpochCache::end_offset_for(int32_t epoch, int64_t log_end_offset) const {
  if (epoch < 0) return std::nullopt;
  const auto higher = std::ranges::upper_bound(entries_, epoch, {}, &Entry::epoch);
  if (higher == entries_.end()) {
    if (latest_epoch() == epoch) return LogEnd{epoch, log_end_offset};
    return std::nullopt;
  }
  const int32_t floor = higher == entries_.begin() ? epoch : (higher - 1)->epoch;
  return LogEnd{floor, higher->start_offset};
}

std::optional<int32_t> EpochCache::epoch_for_offset(int64_t offset) const {
  const auto later = std::ranges::upper_bound(entries_, offset, {}, &Entry::start_offset);
  if (later == entries_.begin()) return std::nullopt;
  return (later - 1)->epoch;
}

std::optional<int32_t> EpochCache::latest_epoch() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.back().epoch);
}
std::optional<EpochCache::Entry> EpochCache::earliest() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.front());
}
std::optional<EpochCache::Entry> EpochCache::latest() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.back());
}

}  // namespace kt::record
