#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log.h"
#include "libbroker/log/open_files.h"
#include "libbroker/log/producer_snapshot.h"

namespace kt::log {

Result<void> Log::truncate_to(int64_t offset) {
  KT_ASSERT(offset >= 0);
  if (failure_) return fail(*failure_);
  if (offset >= end_offset_) {  // an epoch may have begun at the end without a batch
    has_new_epochs_ |= epochs_.truncate_from_end(end_offset_);
    return {};
  }
  if (segments_.empty() || offset < segments_.begin()->first) return truncate_fully_and_start_at(offset);
  ++generation_;
  cut_to_ = std::min(cut_to_.value_or(offset), offset);
  tail_.clear();
  if (auto done = remove_segments_from(segments_.upper_bound(offset)); !done) return fail_log(done.error());
  if (auto done = cut_last_segment(offset); !done) return fail_log(done.error());
  has_new_epochs_ |= epochs_.truncate_from_end(offset);
  log_start_offset_ = std::min(log_start_offset_, offset);
  local_log_start_offset_ = log_start_offset_;
  end_offset_ = offset;
  flushed_offset_ = std::min(flushed_offset_, offset);
  if (auto done = drop_snapshots_beyond(offset); !done) return fail_log(done.error());
  if (services_.mutants.has(Mutant::log_producers_not_truncated)) return {};
  if (auto done = rebuild_producers(offset, 0); !done) return fail_log(done.error());
  return {};
}

/// The last segment, if it was sealed, becomes the one that is written to.
Result<void> Log::cut_last_segment(int64_t offset) {
  Segment& last = last_segment();
  if (last.has_unwritten_indexes()) {
    if (auto done = last.unseal(); !done) return done;
  } else if (!last.is_active()) {
    auto file = last.take_written_file();
    services_.files.forget(last.path(log_suffix));
    services_.files.forget(last.path(offset_index_suffix));
    services_.files.forget(last.path(time_index_suffix));
    auto cold = std::make_unique<Segment>(services_.files, directory_, last.base_offset());
    if (auto opened = cold->open_to_append(config_, 0); !opened) return fail(opened.error());
    cold->put_back_written_file(std::move(file));
    segments_.rbegin()->second = std::move(cold);
  }
  return last_segment().truncate_to(offset);
}

/// Newest first, so that a crash leaves a log that is whole up to its end.
Result<void> Log::remove_segments_from(Segments::iterator first) {
  if (first == segments_.end()) return {};
  while (true) {
    const auto last = std::prev(segments_.end());
    const bool is_first = last == first;
    if (auto done = last->second->remove_files(); !done) return done;
    if (snapshots_.erase(last->first) > 0) {
      unwritten_snapshots_.erase(last->first);
      if (auto done = services_.files.disk().remove(file_path(directory_, last->first, snapshot_suffix));
          !done)
        return done;
    }
    segments_.erase(last);
    if (is_first) return services_.files.disk().sync_directory(directory_);
  }
}

Result<void> Log::truncate_fully_and_start_at(int64_t offset) {
  KT_ASSERT(offset >= 0);
  if (failure_) return fail(*failure_);
  ++generation_;
  cut_to_ = std::min(cut_to_.value_or(offset), offset);
  tail_.clear();
  if (auto done = remove_segments_from(segments_.begin()); !done) return fail_log(done.error());
  if (auto done = drop_snapshots_beyond(-1); !done) return fail_log(done.error());
  epochs_.clear();
  producers_.clear();
  has_new_epochs_ = true;
  log_start_offset_ = local_log_start_offset_ = end_offset_ = offset;
  flushed_offset_ = std::min(flushed_offset_, offset);
  if (auto done = create_first_segment(0); !done) return fail_log(done.error());
  return {};
}

Result<void> Log::rebuild_producers(int64_t end_offset, int64_t now_ms) {
  const auto restored = restore_producers(end_offset, now_ms);
  if (!restored) return fail(restored.error());
  return replay(*restored, end_offset);
}

Result<void> Log::drop_snapshots_beyond(int64_t offset) {
  Disk& disk = services_.files.disk();
  bool has_removed = false;
  while (!snapshots_.empty() && *snapshots_.rbegin() > offset) {
    const int64_t newest = *snapshots_.rbegin();
    snapshots_.erase(newest);
    unwritten_snapshots_.erase(newest);  // there may be a file of the same name
    if (auto done = disk.remove(file_path(directory_, newest, snapshot_suffix)); !done) return done;
    has_removed = true;
  }
  return has_removed ? disk.sync_directory(directory_) : Result<void>{};
}

/// Starts over from the newest good snapshot at or below `offset`; answers its offset. Broken ones are
/// removed.
Result<int64_t> Log::restore_producers(int64_t offset, int64_t now_ms) {
  Disk& disk = services_.files.disk();
  producers_.clear();
  for (auto after = snapshots_.upper_bound(offset); after != snapshots_.begin();) {
    const int64_t newest = *std::prev(after);
    if (newest <= log_start_offset_) break;
    const std::string path = file_path(directory_, newest, snapshot_suffix);
    const auto unwritten = unwritten_snapshots_.find(newest);
    std::optional<std::vector<record::ProducerSnapshot>> producers;
    if (unwritten != unwritten_snapshots_.end()) {
      producers = decode_producer_snapshot(unwritten->second);
    } else if (const auto bytes = disk.read_all(path)) {
      producers = decode_producer_snapshot(std::as_bytes(std::span(*bytes)));
    }
    if (producers) {
      producers_.restore(*producers, now_ms, config_.producer_id_expiration_ms);
      return newest;
    }
    log_warn("log", "{} is broken, going back to an older one", path);
    after = snapshots_.erase(std::prev(after));
    if (auto done = disk.remove(path); !done) return fail(done.error());
  }
  return log_start_offset_;
}

/// Takes in the producers of batches in [from, to).
Result<void> Log::replay(int64_t from, int64_t to) {
  for (auto segment = floor(from); segment != segments_.end() && segment->first < to && from < to;
       ++segment) {
    const auto position = segment->second->position_for_timestamp(-1, from);
    if (!position) return fail(position.error());
    const auto file = segment->second->open();
    if (!file) return fail(file.error());
    const auto bytes = segment->second->size_bytes();
    if (!bytes) return fail(bytes.error());
    BatchScanner batches(**file, *position, *bytes);
    while (true) {
      const auto batch = batches.next();
      if (!batch) return fail(batch.error());
      if (!*batch || (*batch)->last_offset() >= to) break;
      if ((*batch)->base_offset() < from) continue;
      if (!producers_.check(**batch, record::Origin::replica)) continue;  // a marker that says nothing
      producers_.append(**batch);
    }
  }
  return {};
}

void Log::set_log_start(int64_t offset) {
  log_start_offset_ = local_log_start_offset_ = offset;
  has_new_epochs_ |= epochs_.truncate_from_start(offset);
  producers_.advance_high_watermark(offset);
}

Result<void> Log::increment_log_start(int64_t offset, int64_t high_watermark) {
  if (failure_) return fail(*failure_);
  if (offset > high_watermark)
    return fail(
        ErrorCode::offset_out_of_range,
        fmt::format(
            "Cannot increment the log start offset to {} since it is larger than the high watermark {}",
            offset, high_watermark));
  if (offset > log_start_offset_) set_log_start(offset);
  return {};
}

Result<std::vector<std::string>> Log::delete_old_segments(int64_t now_ms, int64_t high_watermark) {
  if (failure_) return fail(*failure_);
  if (is_cleaning_) return std::vector<std::string>{};  // its sources stay until it is over
  const auto total = size_bytes();
  if (!total) return fail(total.error());
  const bool has_size_limit = config_.cleanup_delete && config_.retention_bytes >= 0;
  const bool has_age_limit = config_.cleanup_delete && config_.retention_ms >= 0;
  int64_t excess_bytes = has_size_limit ? static_cast<int64_t>(*total) - config_.retention_bytes : -1;
  size_t count = 0;
  for (auto segment = segments_.begin(); segment != segments_.end(); ++segment, ++count) {
    const bool is_last = std::next(segment) == segments_.end();
    const int64_t end_offset = end_offset_of(segment);
    const auto bytes = segment->second->size_bytes();
    if (!bytes) return fail(bytes.error());
    if (high_watermark < end_offset || (is_last && *bytes == 0)) break;

    const bool is_before_start = !is_last && end_offset <= log_start_offset_;
    const bool is_too_much = has_size_limit && excess_bytes >= static_cast<int64_t>(*bytes);
    bool is_too_old = false;
    if (has_age_limit && !is_before_start && !is_too_much) {
      const auto largest_ms = segment->second->largest_timestamp_ms();
      if (!largest_ms) return fail(largest_ms.error());
      is_too_old = now_ms - *largest_ms > config_.retention_ms;
    }
    if (!is_before_start && !is_too_much && !is_too_old) break;
    excess_bytes -= static_cast<int64_t>(*bytes);
  }
  return detach_first(count, now_ms);
}

/// Oldest first, so that a crash leaves a log without holes.
Result<std::vector<std::string>> Log::detach_first(size_t count, int64_t now_ms) {
  std::vector<std::string> paths;
  if (count == 0) return paths;
  if (count == segments_.size()) {
    if (auto rolled = roll(now_ms); !rolled) return fail(rolled.error());
  }
  set_log_start(
      std::max(log_start_offset_, std::next(segments_.begin(), static_cast<ptrdiff_t>(count))->first));
  for (; count > 0; --count) {
    const auto first = segments_.begin();
    auto renamed = first->second->rename_away(deleted_suffix);
    if (!renamed) return fail_log(renamed.error());
    paths.insert(paths.end(), renamed->begin(), renamed->end());
    auto snapshot = detach_snapshot(first->first);
    if (!snapshot) return fail(std::move(snapshot.error()));
    if (*snapshot) paths.push_back(std::move(**snapshot));
    segments_.erase(first);
  }
  return paths;
}

}  // namespace kt::log
