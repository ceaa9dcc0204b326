#include <fmt/core.h>

#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/logger.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log_config.h"
#include "libbroker/log/open_files.h"
#include "libbroker/log/segment.h"

namespace kt::log {
namespace {

/// The file's bytes; none when there is no such file.
Result<std::optional<std::string>> read_if_there(Disk& disk, const std::string& path) {
  const auto there = disk.exists(path);
  if (!there) return fail(there.error());
  if (!*there) return std::nullopt;
  auto bytes = disk.read_all(path, std::numeric_limits<int32_t>::max());
  if (bytes) return std::move(*bytes);
  const auto still_there = disk.exists(path);  // another thread may have renamed it away
  if (still_there && !*still_there) return std::nullopt;
  return fail(std::move(bytes.error()));
}

}  // namespace

Result<bool> Segment::load_indexes() {
  const auto offsets = read_if_there(files_.disk(), path(offset_index_suffix));
  if (!offsets) return fail(offsets.error());
  const auto times = read_if_there(files_.disk(), path(time_index_suffix));
  if (!times) return fail(times.error());
  if (!*offsets || !*times) return false;
  auto parsed_offsets = OffsetIndex::parse(base_offset_, std::as_bytes(std::span(**offsets)), *bytes_);
  auto parsed_times = TimeIndex::parse(base_offset_, std::as_bytes(std::span(**times)));
  if (!parsed_offsets || !parsed_times) return false;
  indexes_->offsets = std::move(*parsed_offsets);
  indexes_->times = std::move(*parsed_times);
  return true;
}

Result<int64_t> Segment::open_to_append(const LogConfig& config, int64_t now_ms) {
  if (auto done = open_file(); !done) return fail(done.error());
  indexes_ = std::make_unique<Indexes>(base_offset_);
  created_ms_ = now_ms;
  if (auto done = load_aborted(); !done) return fail(done.error());
  indexes_->aborted = std::move(*aborted_);
  aborted_.reset();
  const auto loaded = load_indexes();
  if (!loaded) return fail(loaded.error());
  if (!*loaded) log_warn("log", "{}: rebuilding its indexes", path(log_suffix));

  if (auto first = first_timestamp(); !first) return fail(first.error());
  auto next_offset = scan_to_end(indexes_->offsets.last().position, config);
  const bool has_entries = indexes_->offsets.size() > 0 || indexes_->times.size() > 0;
  if (next_offset || next_offset.error().code != ErrorCode::corrupt_message || !has_entries)
    return next_offset;
  log_warn("log", "{}: {}, rebuilding its indexes", path(log_suffix), next_offset.error().message);
  indexes_->offsets = OffsetIndex(base_offset_);
  indexes_->times = TimeIndex(base_offset_);
  return scan_to_end(0, config);
}

Result<int64_t> Segment::scan_to_end(uint64_t position, const LogConfig& config) {
  next_offset_ = base_offset_;
  largest_timestamp_ = indexes_->times.last();
  HeaderWalk headers(*file_, position, *bytes_, Wait::yes);
  while (true) {
    const auto step = headers.next();
    if (!step) return fail(step.error());
    if (*step == HeaderWalk::Step::end) break;
    const BatchPlace& batch = headers.place();
    const OffsetIndex::Entry last = indexes_->offsets.last();
    if (indexes_->offsets.size() > 0 && batch.position == last.position && batch.last_offset != last.offset)
      return fail(ErrorCode::corrupt_message, "an index entry's offset is not its batch's");
    if (batch.base_offset < next_offset_ || batch.last_offset - base_offset_ > offset_span_max)
      return fail(ErrorCode::corrupt_message,
                  fmt::format("the batch of offsets {} to {} is out of place", batch.base_offset,
                              batch.last_offset));
    const TimeIndex::Entry latest = indexes_->times.last();
    if (batch.max_timestamp > latest.timestamp && batch.last_offset < latest.offset)
      return fail(ErrorCode::corrupt_message, "a batch before a time index entry's offset is later");
    index({batch.bytes, batch.last_offset, batch.max_timestamp}, batch.position, config);
    next_offset_ = batch.last_offset + 1;
  }
  if (indexes_->times.size() > 0 && indexes_->times.last().offset >= next_offset_)
    return fail(ErrorCode::corrupt_message, "a time index entry's offset is beyond the log's end");
  return next_offset_;
}

Result<Segment::Recovered> Segment::recover(const LogConfig& config, int64_t now_ms, const Take& take,
                                            OldIndexes old_indexes, Mutants mutants) {
  const bool trusts_all = mutants.has(Mutant::log_trusts_torn_tail);
  if (auto done = open_file(); !done) return fail(done.error());
  // Of before the crash, and Kafka's are as long as they may grow: from now on the ones in memory hold.
  for (const std::string_view kind : {offset_index_suffix, time_index_suffix, txn_index_suffix}) {
    files_.forget(path(kind));
    if (old_indexes == OldIndexes::stay) continue;
    if (auto done = files_.disk().remove(path(kind)); !done) return fail(done.error());
  }
  indexes_ = std::make_unique<Indexes>(base_offset_);
  aborted_.reset();
  largest_timestamp_ = TimeIndex::Entry{-1, base_offset_};
  first_timestamp_.reset();
  created_ms_ = now_ms;
  written_file_ = file_;

  Recovered recovered{.next_offset = base_offset_};
  BatchScanner batches(*file_, 0, *bytes_);
  uint64_t good_bytes = 0;
  while (true) {
    const auto batch = batches.next();
    if (!batch) return fail(batch.error());
    if (!*batch) break;
    const bool is_in_range = (*batch)->base_offset() >= recovered.next_offset &&
                             (*batch)->last_offset() - base_offset_ <= offset_span_max;
    if (!is_in_range || !(trusts_all || (*batch)->verify_crc())) break;
    if (auto done = take(**batch); !done) {
      if (done.error().code == ErrorCode::kafka_storage_error) return fail(done.error());
      break;
    }
    if (good_bytes == 0) first_timestamp_ = (*batch)->max_timestamp();
    index({(*batch)->size_bytes(), (*batch)->last_offset(), (*batch)->max_timestamp()}, batches.position(),
          config);
    good_bytes = batches.next_position();
    recovered.next_offset = (*batch)->next_offset();
  }
  recovered.cut_bytes = *bytes_ - good_bytes;
  next_offset_ = recovered.next_offset;
  if (recovered.cut_bytes == 0) return recovered;
  log_warn("log", "{}: cutting off {} broken bytes at position {}, offset {}", path(log_suffix),
           recovered.cut_bytes, good_bytes, recovered.next_offset);
  if (auto done = file_->truncate(good_bytes); !done) return fail(done.error());
  bytes_ = good_bytes;
  return recovered;
}

Result<TxnIndex> Segment::read_aborted() {
  const auto bytes = read_if_there(files_.disk(), path(txn_index_suffix));
  if (!bytes) return fail(bytes.error());
  if (!*bytes) return TxnIndex();
  auto parsed = TxnIndex::parse(base_offset_, std::as_bytes(std::span(**bytes)));
  if (!parsed)
    return fail(ErrorCode::kafka_storage_error, fmt::format("{} is broken", path(txn_index_suffix)));
  return std::move(*parsed);
}

Result<void> Segment::load_aborted() {
  auto read = read_aborted();
  if (!read) return fail(std::move(read.error()));
  aborted_ = std::move(*read);
  return {};
}

}  // namespace kt::log
