#include "libbroker/log/log_loader.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/checkpoints.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/log/open_files.h"
#include "libbroker/log/producer_snapshot.h"

namespace kt::log {

Result<std::unique_ptr<Log>> Log::open(const LogServices& services, std::string directory,
                                       const LogConfig& config, const OpenOptions& options) {
  return LogLoader(services, std::move(directory), config, options).load();
}

LogLoader::LogLoader(const LogServices& services, std::string directory, const LogConfig& config,
                     const OpenOptions& options)
    : options_(options), log_(new Log(services, std::move(directory), config)) {
  log_->topic_id_ = options.topic_id;
  log_->log_start_offset_ = options.log_start_offset;
}

Disk& LogLoader::disk() const { return log_->services_.files.disk(); }

Result<std::unique_ptr<Log>> LogLoader::load() {
  const auto there = disk().exists(log_->directory_);
  if (!there) return fail(there.error());
  log_->has_directory_ = *there;
  log_->is_new_directory_ = log_->has_new_names_ = *there && !options_.is_clean;  // for all we know
  if (*there) {
    for (const auto step : {&LogLoader::list, &LogLoader::read_topic, &LogLoader::read_epochs,
                            &LogLoader::settle_swaps, &LogLoader::collect, &LogLoader::find_end}) {
      if (auto done = (this->*step)(); !done) return fail(done.error());
    }
  } else {
    log_->end_offset_ = log_->flushed_offset_ = log_->log_start_offset_;
  }
  log_->local_log_start_offset_ = log_->log_start_offset_;
  log_->check_invariants();
  return std::move(log_);
}

Result<void> LogLoader::list() {
  const auto entries = disk().list(log_->directory_);
  if (!entries) return fail(entries.error());
  names_.clear();
  for (const DirEntry& entry : *entries) {
    if (!entry.is_directory) names_.push_back(entry.name);
  }
  return {};
}

Result<void> LogLoader::read_topic() {
  auto id = has(partition_metadata_file) ? read_topic_id(disk(), log_->directory_) : std::nullopt;
  if (!id && id.error().code == ErrorCode::corrupt_message && !options_.is_clean) {
    // Builds of before flushed it with the first batches alone: a power cut tore it.
    log_warn("log", "writing it anew after a crash: {}", id.error().message);
    if (auto done = disk().remove(path(std::string(partition_metadata_file))); !done) return done;
    id = std::nullopt;
  }
  if (!id) return fail(id.error());
  if (*id && options_.topic_id && **id != *options_.topic_id &&
      !log_->services_.mutants.has(Mutant::log_takes_other_topics))
    return fail(ErrorCode::inconsistent_topic_id,
                fmt::format("{} belongs to topic id {}, not to {}", log_->directory_, (*id)->text(),
                            options_.topic_id->text()));
  if (*id) {
    log_->topic_id_ = *id;
    return {};
  }
  if (!options_.topic_id) return {};
  log_->is_new_directory_ = log_->has_new_names_ = true;
  return write_topic_id(disk(), log_->directory_, *options_.topic_id);
}

Result<void> LogLoader::read_epochs() {
  if (!has(leader_epoch_file)) return {};
  const auto entries = read_epoch_checkpoint(disk(), path(std::string(leader_epoch_file)));
  if (entries) {
    log_->epochs_ = record::EpochCache(*entries);
    return {};
  }
  log_warn("log", "{}: rebuilding the leader epochs from the log: {}", log_->directory_,
           entries.error().message);
  rebuild_epochs();
  log_->has_new_epochs_ = true;
  return {};
}

void LogLoader::rebuild_epochs() {
  if (!log_->services_.mutants.has(Mutant::log_epochs_not_synced)) suspect_from_ = 0;
}

/// A crash between the cleaner's steps: see cleaning.h. Leaves only plain names in the directory.
Result<void> LogLoader::settle_swaps() {
  std::vector<std::pair<std::string, FileName>> temporary;
  int64_t cleaned_min = std::numeric_limits<int64_t>::max();
  for (const std::string& name : names_) {
    const auto file = parse_file_name(name);
    if (!file || file->state.empty()) continue;
    temporary.emplace_back(name, *file);
    if (file->state == cleaned_suffix) cleaned_min = std::min(cleaned_min, file->offset);
  }
  if (temporary.empty()) return {};
  int64_t swap_min = std::numeric_limits<int64_t>::max(), swap_end = std::numeric_limits<int64_t>::min();
  for (const auto& [name, file] : temporary) {
    if (file.state != swap_suffix || file.offset >= cleaned_min) {
      if (auto done = disk().remove(path(name)); !done) return done;
    } else if (file.suffix == log_suffix) {
      const auto end_offset = end_of(name);
      if (!end_offset) return fail(end_offset.error());
      swap_min = std::min(swap_min, file.offset);
      swap_end = std::max({swap_end, *end_offset, file.offset + 1});
    }
  }
  for (const std::string& name : names_) {
    const auto file = parse_file_name(name);
    const bool is_replaced =
        file && file->state.empty() && file->offset >= swap_min && file->offset < swap_end;
    if (!is_replaced || file->suffix == snapshot_suffix) continue;
    if (auto done = disk().remove(path(name)); !done) return done;
  }
  for (const auto& [name, file] : temporary) {
    if (file.state != swap_suffix || file.offset >= cleaned_min) continue;
    log_info("log", "{}: taking the place of what it was cleaned from", path(name));
    const std::string plain = name.substr(0, name.size() - swap_suffix.size());
    if (auto done = disk().rename(path(name), path(plain)); !done) return done;
  }
  return list();
}

/// Where the last batch of a segment's file ends; 0 when it has none.
Result<int64_t> LogLoader::end_of(const std::string& name) {
  auto file = disk().open(path(name), Disk::Mode::read);
  if (!file) return fail(std::move(file.error()));
  const auto bytes = (*file)->size();
  if (!bytes) return fail(bytes.error());
  int64_t end_offset = 0;
  HeaderWalk headers(**file, 0, *bytes, Wait::yes);
  while (true) {
    const auto step = headers.next();
    if (!step) return fail(step.error());
    if (*step != HeaderWalk::Step::batch) return end_offset;
    end_offset = headers.place().last_offset + 1;
  }
}

Result<void> LogLoader::collect() {
  std::map<int64_t, Found> found;
  for (const std::string& name : names_) {
    const auto file = parse_file_name(name);
    if (!file) continue;
    if (file->suffix == snapshot_suffix) {
      log_->snapshots_.insert(file->offset);
      continue;
    }
    Found& segment = found[file->offset];
    segment.has_log |= file->suffix == log_suffix;
    segment.has_offset_index |= file->suffix == offset_index_suffix;
    segment.has_time_index |= file->suffix == time_index_suffix;
    segment.has_txn_index |= file->suffix == txn_index_suffix;
  }
  for (const auto& [base_offset, files] : found) {
    auto segment = std::make_unique<Segment>(log_->services_.files, log_->directory_, base_offset);
    if (!files.has_log) {
      log_warn("log", "{}: an index without its log is removed", segment->path(offset_index_suffix));
      if (auto done = segment->remove_files(); !done) return done;
      continue;
    }
    if (!files.has_txn_index) segment->learn_aborted({});
    log_->segments_.emplace(base_offset, std::move(segment));
    if (files.has_offset_index && files.has_time_index) continue;
    unindexed_.insert(base_offset);
    suspect_from_ = std::min(suspect_from_.value_or(base_offset), base_offset);
  }
  return {};
}

Result<void> LogLoader::find_end() {
  Log& log = *log_;
  if (!log.segments_.empty())
    log.log_start_offset_ = std::max(log.log_start_offset_, log.segments_.begin()->first);
  if (auto done = drop_stray_snapshots(); !done) return done;

  if (!options_.is_clean && log.epochs_.entries().empty()) rebuild_epochs();  // a file without its contents
  std::optional<int64_t> check_from = suspect_from_;
  if (!options_.is_clean)
    check_from = std::min(options_.recovery_point, suspect_from_.value_or(options_.recovery_point));
  if (log.services_.mutants.has(Mutant::log_recovery_point_too_far)) check_from = suspect_from_;
  bool has_producers = false;
  if (log.segments_.empty()) {
    log.end_offset_ = log.log_start_offset_;
  } else if (check_from) {
    if (auto done = recover(log.floor(*check_from)); !done) return done;
    has_producers = true;
  } else if (options_.recovery_point >= log.segments_.rbegin()->first && !log.snapshots_.empty() &&
             *log.snapshots_.rbegin() == options_.recovery_point) {
    log.end_offset_ = options_.recovery_point;  // nothing is opened before it is used
  } else {
    const auto next_offset = log.last_segment().open_to_append(log.config_, options_.now_ms);
    if (!next_offset) return fail(next_offset.error());
    log.end_offset_ = std::max(*next_offset, options_.recovery_point);  // it may end in a gap
  }
  if (log.end_offset_ < log.log_start_offset_) return start_over();
  if (auto done = log.drop_snapshots_beyond(log.segments_.empty() ? -1 : log.end_offset_); !done) return done;

  log.flushed_offset_ = check_from ? std::min(options_.recovery_point, log.end_offset_) : log.end_offset_;
  log.has_new_epochs_ |= log.epochs_.truncate_from_end(log.end_offset_);
  log.has_new_epochs_ |= log.epochs_.truncate_from_start(log.log_start_offset_);
  return has_producers ? Result<void>{} : log.rebuild_producers(log.end_offset_, options_.now_ms);
}

/// Checks the segments from `first` on. Producers are those before it, then what the batches say.
Result<void> LogLoader::recover(Log::Segments::iterator first) {
  Log& log = *log_;
  // Snapshots were flushed before the recovery point moved beyond them; later ones may be of another history.
  if (auto done = log.drop_snapshots_beyond(std::max(first->first, options_.recovery_point)); !done)
    return done;
  if (auto done = log.rebuild_producers(std::max(first->first, log.log_start_offset_), options_.now_ms);
      !done)
    return done;
  log.has_new_epochs_ |=
      log.epochs_.truncate_from_end(first->first);  // may be of batches that were truncated
  bool follows_gap = false;
  for (auto segment = first; segment != log.segments_.end(); ++segment) {
    if (segment != first && log.snapshots_.insert(segment->first).second)
      log.unwritten_snapshots_[segment->first] = encode_producer_snapshot(log.producers_.snapshot());
    const auto recovered = segment->second->recover(
        log.config_, options_.now_ms,
        [&](const record::BatchView& batch) { return take(*segment->second, batch); },
        follows_gap ? Segment::OldIndexes::stay : Segment::OldIndexes::go, log.services_.mutants);
    if (!recovered) return fail(recovered.error());
    log.end_offset_ = recovered->next_offset;
    const auto next = std::next(segment);
    if (next == log.segments_.end()) break;
    follows_gap = recovered->next_offset < next->first;
    if (recovered->cut_bytes > 0 || is_hole(recovered->next_offset, next->first)) {
      log_warn("log", "{}: the log ends at {}, later segments are dropped", log.directory_,
               recovered->next_offset);
      if (auto done = log.remove_segments_from(next); !done) return done;
    } else {
      if (auto done = segment->second->seal(); !done) return done;
    }
  }
  if (log.services_.mutants.has(Mutant::log_producers_not_recovered)) log.producers_ = {};
  return {};
}

/// Whether batches are missing between two segments that were not flushed. See Log::base_for. Apache Kafka's
/// cleaner leaves gaps, also beyond the recovery point, but its segments have indexes from their first day.
/// One of ours gets them when all before it is on the medium (FlushJob). So they stay where a gap was passed:
/// this recovery may be killed too.
bool LogLoader::is_hole(int64_t end_offset, int64_t next_base_offset) const {
  if (end_offset >= next_base_offset)
    return end_offset > next_base_offset;  // or one segment reaches into the next
  if (next_base_offset <= options_.recovery_point) return false;
  if (next_base_offset - end_offset > Segment::offset_span_max) return false;
  return !log_->config_.cleanup_compact || unindexed_.contains(next_base_offset);
}

Result<void> LogLoader::take(Segment& segment, const record::BatchView& batch) {
  Log& log = *log_;
  if (auto checked = log.producers_.check(batch, record::Origin::replica); !checked)
    return fail(checked.error());
  const int32_t epoch = batch.partition_leader_epoch();
  if (epoch >= 0 && epoch > log.epochs_.latest_epoch().value_or(-1))
    log.has_new_epochs_ |= log.epochs_.assign(epoch, batch.base_offset());
  if (batch.last_offset() < log.log_start_offset_) return {};
  const auto ended = log.producers_.append(batch);
  if (ended && ended->is_aborted)
    segment.append({ended->producer_id, ended->first_offset, ended->last_offset, ended->last_stable_offset});
  return {};
}

/// The log ends before it starts: its files were taken from under us.
Result<void> LogLoader::start_over() {
  log_warn("log", "{}: dropping all segments, the log ends at {} and starts at {}", log_->directory_,
           log_->end_offset_, log_->log_start_offset_);
  return log_->truncate_fully_and_start_at(log_->log_start_offset_);
}

/// Kept are those at the start of a segment, and the newest one beyond all of them.
Result<void> LogLoader::drop_stray_snapshots() {
  Log& log = *log_;
  const int64_t last_base = log.segments_.empty() ? -1 : log.segments_.rbegin()->first;
  for (auto it = log.snapshots_.begin(); it != log.snapshots_.end();) {
    const bool is_newest = std::next(it) == log.snapshots_.end() && *it > last_base;
    if (is_newest || log.segments_.contains(*it)) {
      ++it;
      continue;
    }
    if (auto done = disk().remove(file_path(log.directory_, *it, snapshot_suffix)); !done) return done;
    it = log.snapshots_.erase(it);
  }
  return {};
}

}  // namespace kt::log
