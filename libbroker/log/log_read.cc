#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/disk.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/log.h"
#include "libbroker/log/open_files.h"
#include "libbroker/record/compression.h"

namespace kt::log {

using record::RecordReader;
using record::RecordView;

constexpr size_t decompressed_bytes_max = 1 << 30;  // of one batch

Log::Segments::iterator Log::floor(int64_t offset) {
  auto segment = segments_.upper_bound(offset);
  if (segment != segments_.begin()) --segment;
  return segment;
}

int64_t Log::end_offset_of(Segments::const_iterator segment) const {
  const auto next = std::next(segment);
  return next == segments_.end() ? end_offset_ : next->first;
}

Result<std::variant<ReadOut, SegmentRead>> Log::read(int64_t offset, const ReadOptions& options) {
  if (failure_) return fail(*failure_);
  if (offset < log_start_offset_ || offset > end_offset_)
    return fail(ErrorCode::offset_out_of_range,
                fmt::format("Received request for offset {}, but the log has offsets {} to {}", offset,
                            log_start_offset_, end_offset_));
  ReadOptions bounded = options;
  bounded.upper_bound = std::min(options.upper_bound, end_offset_);
  ReadOut nothing{.first_offset = offset, .next_offset = offset};
  if (offset >= bounded.upper_bound || segments_.empty()) return nothing;
  if (auto out = read_tail(offset, bounded)) return std::move(*out);

  for (auto segment = floor(offset); segment != segments_.end(); ++segment) {
    SegmentRead plan = segment->second->plan(offset, end_offset_of(segment), bounded);
    auto out = read_segment(plan, Wait::no);
    if (!out) return fail(std::move(out.error()));
    if (!*out) return plan;
    const bool is_exhausted = (*out)->pieces.empty() && (*out)->first_batch_bytes == 0;
    if (!is_exhausted || (*out)->next_offset >= bounded.upper_bound) return std::move(**out);
    offset = std::max(offset, (*out)->next_offset);
  }
  return nothing;
}

std::optional<ReadOut> Log::read_tail(int64_t offset, const ReadOptions& options) const {
  auto batch = tail_.find(offset);
  if (batch == tail_.end()) return std::nullopt;
  ReadOut out{.first_offset = batch->base_offset,
              .first_batch_bytes = batch->bytes.size(),
              .segment_base_offset = batch->segment_base_offset,
              .position = batch->position,
              .next_offset = offset};
  for (; batch != tail_.end() && batch->last_offset < options.upper_bound; ++batch) {
    const bool fits = out.bytes + batch->bytes.size() <= options.bytes_max;
    if (!fits && !(out.pieces.empty() && options.min_one_batch)) break;
    out.pieces.push_back(batch->bytes);
    out.bytes += batch->bytes.size();
    out.next_offset = batch->last_offset + 1;
  }
  return out;
}

uint64_t Log::readable_bytes(int64_t offset, int64_t upper_bound) const {
  if (offset >= std::min(upper_bound, end_offset_)) return 0;
  auto batch = tail_.find(offset);
  if (batch == tail_.end()) return std::numeric_limits<uint32_t>::max();
  uint64_t bytes = 0;
  for (; batch != tail_.end() && batch->last_offset < upper_bound; ++batch) bytes += batch->bytes.size();
  return bytes;
}

Result<std::optional<TimestampOffset>> Log::offset_for_timestamp(int64_t timestamp) {
  for (auto segment = segments_.begin(); segment != segments_.end(); ++segment) {
    const auto largest = segment->second->largest_timestamp_ms();
    if (!largest) return fail(largest.error());
    if (*largest < timestamp) continue;
    auto found = find_timestamp(segment, timestamp, log_start_offset_);
    if (!found || *found) return found;
  }
  return std::nullopt;
}

Result<std::optional<TimestampOffset>> Log::max_timestamp_offset() {
  auto best = segments_.end();
  TimeIndex::Entry largest;
  for (auto segment = segments_.begin(); segment != segments_.end(); ++segment) {
    const auto entry = segment->second->largest_timestamp();
    if (!entry) return fail(entry.error());
    if (best != segments_.end() && entry->timestamp <= largest.timestamp) continue;
    best = segment;
    largest = *entry;
  }
  if (best == segments_.end() || largest.timestamp < 0) return std::nullopt;
  return find_timestamp(best, largest.timestamp, log_start_offset_);
}

/// The first record of the segment that is at or after both.
Result<std::optional<TimestampOffset>> Log::find_timestamp(Segments::iterator segment, int64_t timestamp,
                                                           int64_t from) {
  const auto position = segment->second->position_for_timestamp(timestamp, from);
  if (!position) return fail(position.error());
  const auto file = segment->second->open();
  if (!file) return fail(file.error());
  const auto bytes = segment->second->size_bytes();
  if (!bytes) return fail(bytes.error());
  BatchScanner batches(**file, *position, *bytes);
  record::Decompressor decompressor;
  std::vector<std::byte> scratch;
  while (true) {
    const auto batch = batches.next();
    if (!batch) return fail(batch.error());
    if (!*batch) return std::nullopt;
    if ((*batch)->max_timestamp() < timestamp || (*batch)->last_offset() < from) continue;
    const auto plain = record::plain_records(**batch, decompressor, scratch, decompressed_bytes_max);
    if (!plain) return fail(plain.error());
    RecordReader records(*plain, (*batch)->record_count());
    for (RecordView record; records.next(record);) {
      const TimestampOffset found{(*batch)->timestamp_of(record), (*batch)->offset_of(record),
                                  (*batch)->partition_leader_epoch()};
      if (found.timestamp >= timestamp && found.offset >= from) return found;
    }
  }
}

Result<std::vector<AbortedTransaction>> Log::aborted_transactions(int64_t from, int64_t to) {
  std::vector<AbortedTransaction> found;
  for (auto segment = floor(from); segment != segments_.end(); ++segment) {
    const auto is_complete = segment->second->collect_aborted(from, to, found);
    if (!is_complete) return fail(is_complete.error());
    if (*is_complete) break;
  }
  return found;
}

std::vector<SegmentLook> Log::unknown_aborted(int64_t from, int64_t to) const {
  std::vector<SegmentLook> unknown;
  std::vector<AbortedTransaction> ignored;
  auto segment = segments_.upper_bound(from);
  if (segment != segments_.begin()) --segment;
  for (; segment != segments_.end(); ++segment) {
    if (!segment->second->knows_aborted()) {
      unknown.push_back({&services_.files, directory_, segment->first, generation_ + swaps_});
      continue;
    }
    const auto is_complete = segment->second->collect_aborted(from, to, ignored);
    if (is_complete && *is_complete) break;
  }
  return unknown;
}

void Log::learn_aborted(const SegmentLook& look, TxnIndex aborted) {
  const auto found = segments_.find(look.base_offset);
  if (look.stamp != generation_ + swaps_ || found == segments_.end() || found->second->is_active()) return;
  found->second->learn_aborted(std::move(aborted));
}

}  // namespace kt::log
