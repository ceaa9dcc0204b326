#include "libbroker/log/log.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libbroker/base/rng.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/log/open_files.h"
#include "libbroker/log/producer_snapshot.h"

namespace kt::log {

using record::BatchFault;
using record::BatchView;
using record::Origin;

Log::Log(const LogServices& services, std::string directory, const LogConfig& config)
    : services_(services),
      directory_(std::move(directory)),
      config_(config),
      rng_(services.rng.next()),
      tail_(services.tail_budget, config.tail_bytes_max) {}
Log::~Log() = default;

std::unexpected<Error> Log::fail_log(Error error) {
  if (!failure_) log_error("log", "{}: offline from here on: {}", directory_, error.message);
  if (!failure_) failure_ = error;
  return fail(std::move(error));
}

/// Looks at every batch before any is touched.
Result<void> Log::admit(const Slice& bytes, const AppendOptions& options) {
  batches_.clear();
  marks_.clear();
  const bool assigns = record::assigns_offsets(options.origin);
  int64_t next_offset = end_offset_;
  for (auto rest = bytes.bytes; !rest.empty(); rest = rest.subspan(batches_.back().size_bytes())) {
    const auto batch = BatchView::parse(rest);
    if (!batch && batch.error().kind == BatchFault::Kind::incomplete && !assigns) break;
    if (!batch) return fail(ErrorCode::corrupt_message, std::string(batch.error().reason));
    if (!options.is_crc_checked && !batch->verify_crc())
      return fail(ErrorCode::corrupt_message,
                  fmt::format("Record is corrupt (stored crc = {})", batch->crc()));
    if (assigns && batch->size_bytes() > config_.segment_bytes)
      return fail(
          ErrorCode::record_list_too_large,
          fmt::format(
              "Message batch size is {} bytes, which exceeds the maximum configured segment size of {}",
              batch->size_bytes(), config_.segment_bytes));
    if (!assigns && batch->base_offset() < next_offset)
      return fail(
          ErrorCode::offset_out_of_range,
          fmt::format("a batch begins at offset {}, the log ends at {}", batch->base_offset(), next_offset));
    next_offset = batch->next_offset();
    batches_.push_back(*batch);
  }
  if (batches_.empty() && assigns) return fail(ErrorCode::invalid_record, "there is no batch");
  if (batches_.size() > 1 && options.origin == Origin::client)
    return fail(ErrorCode::invalid_record, "a produce request holds exactly one batch for a partition");
  return {};
}

Result<std::optional<record::DuplicateBatch>> Log::check_producers(const AppendOptions& options) const {
  if (services_.mutants.has(Mutant::log_duplicates_appended)) return std::nullopt;
  for (const BatchView& batch : batches_) {
    auto duplicate = producers_.check(batch, options.origin);
    if (!duplicate || *duplicate) return duplicate;
  }
  return std::nullopt;
}

Result<Appended> Log::append(const Slice& bytes, const AppendOptions& options) {
  KT_ASSERT(!is_closed_);
  if (failure_) return fail(*failure_);
  if (options.expected_base && *options.expected_base != end_offset_)
    return fail(ErrorCode::offset_out_of_range,
                fmt::format("the log ends at offset {}, not at {}", end_offset_, *options.expected_base));
  if (auto admitted = admit(bytes, options); !admitted) return fail(admitted.error());
  Appended appended{
      .first_offset = end_offset_, .last_offset = end_offset_ - 1, .log_start_offset = log_start_offset_};
  if (batches_.empty()) return appended;

  const bool assigns = record::assigns_offsets(options.origin);
  int64_t next_offset = end_offset_;
  for (const BatchView& batch : batches_) {
    if (!assigns) break;
    const std::span mine(const_cast<std::byte*>(batch.bytes().data()), batch.size_bytes());
    record::assign_offset(mine, next_offset, options.leader_epoch);
    next_offset = batch.next_offset();
  }
  const auto duplicate = check_producers(options);
  if (!duplicate) return fail(duplicate.error());
  if (*duplicate && services_.mutants.has(Mutant::log_duplicate_refused))
    return fail(ErrorCode::out_of_order_sequence_number);
  if (*duplicate)
    return Appended{(*duplicate)->base_offset, (*duplicate)->last_offset, (*duplicate)->timestamp,
                    log_start_offset_, true};
  for (const BatchView& batch : batches_) {
    if (!assigns || !config_.log_append_time) break;
    if (batch.timestamp_type() != record::TimestampType::log_append_time)
      record::stamp_log_append_time({const_cast<std::byte*>(batch.bytes().data()), batch.size_bytes()},
                                    options.now_ms);
    appended.log_append_time_ms = batch.max_timestamp();
  }

  if (auto ready = ensure_active(options.now_ms); !ready) return fail(ready.error());
  for (const BatchView& batch : batches_)
    marks_.push_back({batch.size_bytes(), batch.last_offset(), batch.max_timestamp()});
  appended.first_offset = batches_.front().base_offset();
  for (size_t done = 0; done < batches_.size();) {
    const std::span left = std::span(marks_).subspan(done);
    size_t fitting = last_segment().count_fitting(left, config_, jitter_ms_, options.now_ms);
    if (fitting == 0) {
      if (auto rolled = roll_to(base_for(batches_[done]), options.now_ms); !rolled)
        return fail(rolled.error());
      fitting = std::max<size_t>(1, last_segment().count_fitting(left, config_, jitter_ms_, options.now_ms));
    }
    if (auto written = write_run(bytes, done, fitting); !written) return fail(written.error());
    done += fitting;
  }
  appended.last_offset = end_offset_ - 1;
  return appended;
}

/// Writes batches that belong in the last segment, then takes in what they say.
Result<void> Log::write_run(const Slice& bytes, size_t first, size_t count) {
  const auto batches = std::span(batches_).subspan(first, count);
  Segment& segment = last_segment();
  uint64_t position = segment.size();
  const std::byte* const begin = batches.front().bytes().data();
  const std::span<const std::byte> run(begin, batches.back().bytes().data() + batches.back().size_bytes());
  if (auto done = segment.append({&run, 1}, std::span(marks_).subspan(first, count), config_); !done) {
    if (segment.is_broken()) return fail_log(done.error());
    return done;
  }
  for (const BatchView& batch : batches) {
    if (batch.partition_leader_epoch() >= 0)
      has_new_epochs_ |= epochs_.assign(batch.partition_leader_epoch(), batch.base_offset());
    const auto ended = producers_.append(batch);
    if (ended && ended->is_aborted)
      segment.append(
          {ended->producer_id, ended->first_offset, ended->last_offset, ended->last_stable_offset});
    const size_t at = static_cast<size_t>(batch.bytes().data() - bytes.data());
    tail_.append({batch.base_offset(), batch.last_offset(), segment.base_offset(), position,
                  bytes.sub(at, batch.size_bytes())});
    position += batch.size_bytes();
    end_offset_ = batch.next_offset();
  }
  return {};
}

Result<void> Log::ensure_active(int64_t now_ms) {
  if (segments_.empty()) return create_first_segment(now_ms);
  if (last_segment().is_active()) return {};
  const auto next_offset = last_segment().open_to_append(config_, now_ms);
  if (!next_offset) return fail_log(next_offset.error());
  if (*next_offset <= end_offset_) return {};
  return fail_log({ErrorCode::kafka_storage_error,
                   fmt::format("{} goes on to offset {}, beyond the log's end at {}",
                               last_segment().path(log_suffix), *next_offset, end_offset_)});
}

Result<void> Log::create_first_segment(int64_t now_ms) {
  Disk& disk = services_.files.disk();
  if (!has_directory_) {
    if (auto done = disk.make_directory(directory_); !done) return done;
    if (topic_id_) {
      if (auto done = write_topic_id(disk, directory_, *topic_id_); !done) return done;
    }
    has_directory_ = is_new_directory_ = true;
  }
  auto segment = Segment::create(services_.files, directory_, end_offset_, now_ms);
  if (!segment) return fail(segment.error());
  segments_.emplace(end_offset_, std::move(*segment));
  has_new_names_ = true;
  return {};
}

Result<void> Log::roll(int64_t now_ms) {
  if (failure_) return fail(*failure_);
  if (auto ready = ensure_active(now_ms); !ready) return ready;
  return roll_to(last_segment().next_offset(), now_ms);
}

/// Where a segment begins whose first batch is this: where the batches before it end, so that after a crash a
/// gap between segments tells that some are missing. Further on only if the batch's offsets could not be told
/// from there.
int64_t Log::base_for(const BatchView& batch) {
  const int64_t base_offset = last_segment().next_offset();
  return batch.last_offset() - base_offset <= Segment::offset_span_max ? base_offset : batch.base_offset();
}

Result<void> Log::roll_to(int64_t base_offset, int64_t now_ms) {
  KT_ASSERT(base_offset >= last_segment().next_offset());
  if (last_segment().size() == 0 && last_segment().base_offset() == base_offset) return {};
  auto next = Segment::create(services_.files, directory_, base_offset, now_ms);
  if (!next) return fail(next.error());
  if (auto sealed = last_segment().seal(); !sealed) return fail_log(sealed.error());
  may_want_flush_ = true;
  segments_.emplace(base_offset, std::move(*next));
  snapshots_.insert(base_offset);
  unwritten_snapshots_[base_offset] = encode_producer_snapshot(producers_.snapshot());
  const int64_t jitter_ms_max = std::min(config_.segment_jitter_ms, config_.segment_ms);
  jitter_ms_ = jitter_ms_max > 0 ? static_cast<int64_t>(rng_.below(static_cast<uint64_t>(jitter_ms_max))) : 0;
  has_new_names_ = true;
  return {};
}

int64_t Log::recovery_point() const {
  if (services_.mutants.has(Mutant::log_recovery_point_too_far)) return end_offset_;
  if (!may_want_flush_ && !segments_.empty()) {
    const auto& [base_offset, last] = *segments_.rbegin();
    return last->is_active() ? std::min(base_offset, flushed_offset_) : flushed_offset_;
  }
  for (const auto& [base_offset, segment] : segments_) {
    if (segment->is_active() || segment->has_unwritten_indexes())
      return std::min(base_offset, flushed_offset_);
  }
  return flushed_offset_;
}

bool Log::wants_flush() const {
  if (is_flushing_ || !may_want_flush_) return false;
  may_want_flush_ =
      std::ranges::any_of(segments_, [](const auto& s) { return s.second->has_unwritten_indexes(); });
  return may_want_flush_;
}

std::optional<FlushJob> Log::prepare_flush(FlushScope scope) {
  if (is_flushing_ || failure_) return std::nullopt;
  FlushJob job;
  job.directory_ = directory_;
  job.generation_ = generation_;
  const bool is_whole = scope == FlushScope::all || segments_.empty() || !last_segment().is_active();
  job.end_offset_ = is_whole ? end_offset_ : last_segment().base_offset();
  for (auto& [base_offset, segment] : segments_) {
    if (segment->is_active() && !is_whole) continue;
    auto file = segment->take_written_file();
    auto indexes = segment->index_images();
    if (file || !indexes.empty()) job.segments_.push_back({base_offset, std::move(file), std::move(indexes)});
  }
  job.snapshots_ = std::exchange(unwritten_snapshots_, {});
  for (const auto& [offset, bytes] : job.snapshots_) snapshots_under_way_.insert(offset);
  if (has_directory_ && std::exchange(has_new_epochs_, false))
    job.epochs_.emplace(epochs_.entries().begin(), epochs_.entries().end());
  job.syncs_epochs_ = !services_.mutants.has(Mutant::log_epochs_not_synced);
  job.has_new_names_ = std::exchange(has_new_names_, false);
  job.is_new_directory_ = std::exchange(is_new_directory_, false);
  if (services_.mutants.has(Mutant::log_new_names_not_synced)) job.has_new_names_ = job.syncs_names_ = false;
  if (job.segments_.empty() && job.snapshots_.empty() && !job.epochs_ && !job.has_new_names_) {
    flushed_offset_ = std::max(flushed_offset_, job.end_offset_);
    return std::nullopt;
  }
  is_flushing_ = true;
  return job;
}

void Log::finish_flush(FlushJob job, FlushJob::Outcome outcome) {
  KT_ASSERT(is_flushing_);
  is_flushing_ = false;
  snapshots_under_way_.clear();
  std::erase_if(job.snapshots_, [&](const auto& written) {
    const bool is_forgotten = !snapshots_.contains(written.first);
    if (is_forgotten)
      (void)services_.files.disk().remove(file_path(job.directory_, written.first, snapshot_suffix));
    return is_forgotten;
  });
  outcome.may_retry |= services_.mutants.has(Mutant::log_flush_retried);
  if (!outcome.result && !outcome.may_retry) {
    (void)fail_log(outcome.result.error());
    return;
  }
  const bool is_current = job.generation_ == generation_;
  for (FlushJob::SegmentPart& part : job.segments_) {
    const auto found = segments_.find(part.base_offset);
    if (found == segments_.end() || !is_current) {  // if it is still there, the next job writes them
      for (const FileImage& image : part.indexes) (void)services_.files.disk().remove(image.path);
    } else if (!outcome.result) {
      if (part.file) found->second->put_back_written_file(std::move(part.file));
    } else if (!part.indexes.empty()) {
      found->second->forget_indexes();
    }
  }
  if (outcome.result) {
    if (is_current) flushed_offset_ = std::max(flushed_offset_, job.end_offset_);
    return;
  }
  log_warn("log", "{}: cannot flush yet: {}", directory_, outcome.result.error().message);
  if (is_current) unwritten_snapshots_.merge(job.snapshots_);
  has_new_epochs_ |= job.epochs_.has_value();
  has_new_names_ |= job.has_new_names_;
  is_new_directory_ |= job.is_new_directory_;
}

std::optional<FlushJob> Log::prepare_close() {
  KT_ASSERT(!is_flushing_);
  is_closed_ = true;
  if (failure_) return std::nullopt;
  const bool was_written = !segments_.empty() && last_segment().is_active();
  if (was_written) {
    if (auto sealed = last_segment().seal(); !sealed) {
      (void)fail_log(sealed.error());
      return std::nullopt;
    }
    may_want_flush_ = true;
  }
  const bool has_snapshot = snapshots_.contains(end_offset_) && !was_written;
  if (has_directory_ && end_offset_ > log_start_offset_ && !has_snapshot) {
    snapshots_.insert(end_offset_);
    unwritten_snapshots_[end_offset_] = encode_producer_snapshot(producers_.snapshot());
  }
  return prepare_flush(FlushScope::all);
}

/// Forgets the producer snapshot at `offset`. Its file, if it has one, gets a name that nothing reads, which
/// is returned.
Result<std::optional<std::string>> Log::detach_snapshot(int64_t offset) {
  if (snapshots_.erase(offset) == 0 || unwritten_snapshots_.erase(offset) > 0) return std::nullopt;
  if (snapshots_under_way_.contains(offset)) return std::nullopt;  // finish_flush() removes it
  const std::string path = file_path(directory_, offset, snapshot_suffix);
  std::string detached = path + std::string(deleted_suffix);
  if (auto done = services_.files.disk().rename(path, detached); !done) return fail_log(done.error());
  return detached;
}

int64_t Log::last_stable_offset(int64_t high_watermark) const {
  const auto unstable = producers_.first_unstable_offset();
  if (!unstable) return high_watermark;
  return std::min(high_watermark, std::max(*unstable, log_start_offset_));
}

void Log::assign_epoch(int32_t epoch) { has_new_epochs_ |= epochs_.assign(epoch, end_offset_); }

void Log::remove_expired_producers(int64_t now_ms) {
  producers_.remove_expired(now_ms, config_.producer_id_expiration_ms);
}

Result<uint64_t> Log::size_bytes() {
  uint64_t total = 0;
  for (const auto& [base_offset, segment] : segments_) {
    const auto bytes = segment->size_bytes();
    if (!bytes) return bytes;
    total += *bytes;
  }
  return total;
}

std::vector<int64_t> Log::segment_base_offsets() const {
  std::vector<int64_t> offsets;
  for (const auto& [base_offset, segment] : segments_) offsets.push_back(base_offset);
  return offsets;
}

void Log::check_invariants() const {
  KT_ASSERT(log_start_offset_ <= end_offset_);
  KT_ASSERT(local_log_start_offset_ >= log_start_offset_);
  KT_ASSERT(flushed_offset_ <= end_offset_);
  KT_ASSERT(segments_.empty() || segments_.rbegin()->first <= end_offset_);
  for (const auto& [base_offset, segment] : segments_)
    KT_ASSERT(!segment->is_active() || base_offset == segments_.rbegin()->first);
  const auto latest = epochs_.latest();
  KT_ASSERT(!latest || latest->start_offset <= end_offset_);
}

}  // namespace kt::log
