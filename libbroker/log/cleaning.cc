#include "libbroker/log/cleaning.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/disk.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/flush_job.h"
#include "libbroker/log/open_files.h"

namespace kt::log {

using record::BatchView;

constexpr size_t write_bytes = 1 << 20, decompressed_bytes_max = 1 << 30;

Cleaning::Cleaning(Setup setup, OffsetMap map)
    : setup_(std::move(setup)),
      map_(std::move(map)),
      map_end_offset_(setup_.first_dirty_offset),
      transactions_(aborted_in_dirty_part()) {
  while (source_ + 1 < setup_.sources.size() &&
         setup_.sources[source_].end_offset <= setup_.first_dirty_offset)
    ++source_;
}

Cleaning::~Cleaning() {
  if (!cleaned_) return;
  if (cleaned_->is_active()) (void)cleaned_->seal();
  (void)cleaned_->remove_files();
}

Result<uint64_t> Cleaning::step(uint64_t bytes_max) {
  const uint64_t before = bytes_read_ + bytes_written_;
  if (auto read = read_aborted(); !read) return fail(read.error());
  while (state_ == State::working && bytes_read_ + bytes_written_ - before < bytes_max) {
    if (auto done = is_mapping_ ? map_some() : rewrite_some(); !done) return fail(done.error());
  }
  return bytes_read_ + bytes_written_ - before;
}

/// Before the first batch is read.
Result<void> Cleaning::read_aborted() {
  if (setup_.unread_aborted.empty()) return {};
  for (const int64_t base_offset : std::exchange(setup_.unread_aborted, {})) {
    const auto found = Segment(*setup_.files, setup_.directory, base_offset)
                           .collect_aborted(setup_.sources.front().base_offset,
                                            setup_.sources.back().end_offset, setup_.aborted);
    if (!found) return fail(found.error());
  }
  transactions_ = CleanedTransactions(aborted_in_dirty_part());
  return {};
}

/// What ended before is not read for the map, and its marker is not met: it would seem to go on.
std::vector<AbortedTransaction> Cleaning::aborted_in_dirty_part() const {
  std::vector<AbortedTransaction> aborted = setup_.aborted;
  std::erase_if(aborted, [this](const AbortedTransaction& transaction) {
    return transaction.last_offset < setup_.first_dirty_offset;
  });
  return aborted;
}

std::string Cleaning::path(const Source& source, std::string_view suffix) const {
  return file_path(setup_.directory, source.base_offset, suffix);
}

/// Opens the current source at the batch that reaches the offset, or before it.
Result<void> Cleaning::open_source(int64_t from_offset) {
  Segment segment(*setup_.files, setup_.directory, setup_.sources[source_].base_offset);
  const auto position = segment.position_for_timestamp(-1, from_offset);
  if (!position) return fail(position.error());
  const auto file = segment.open();
  if (!file) return fail(file.error());
  const auto bytes = (*file)->size();
  if (!bytes) return fail(bytes.error());
  file_ = *file;
  batches_ = std::make_unique<BatchScanner>(*file_, *position, *bytes);
  return {};
}

void Cleaning::close_source() {
  batches_.reset();
  file_.reset();
  ++source_;
}

/// One batch more, or the end of a source.
Result<void> Cleaning::map_some() {
  if (source_ == setup_.sources.size()) return end_map(), Result<void>{};
  if (!batches_) {
    if (auto opened = open_source(setup_.first_dirty_offset); !opened) return opened;
  }
  const auto batch = batches_->next();
  if (!batch) return fail(batch.error());
  if (*batch) {
    bytes_read_ += (*batch)->size_bytes();
    const auto fits = map_batch(**batch);
    if (!fits) return fail(fits.error());
    if (!*fits) end_map();
    return {};
  }
  if (!batches_->fault().empty()) return fail(ErrorCode::corrupt_message, std::string(batches_->fault()));
  map_end_offset_ = std::max(map_end_offset_, setup_.sources[source_].end_offset);
  close_source();
  return {};
}

/// False when the map is full.
Result<bool> Cleaning::map_batch(const BatchView& batch) {
  if (!batch.verify_crc())
    return fail(ErrorCode::corrupt_message,
                fmt::format("the batch at offset {} is corrupt", batch.base_offset()));
  const auto advance = [&](int64_t offset) { map_end_offset_ = std::max(map_end_offset_, offset); };
  if (batch.is_control()) {
    if (const auto marker = transactions_.end_of(batch); !marker) return fail(marker.error());
  } else if (!transactions_.is_aborted(batch)) {
    const auto records = record::plain_records(batch, decompressor_, plain_, decompressed_bytes_max);
    if (!records) return fail(records.error());
    record::RecordReader reader(*records, batch.record_count());
    for (record::RecordView record; reader.next(record);) {
      if (record.offset_delta < 0 || record.offset_delta > batch.last_offset_delta())
        return fail(ErrorCode::corrupt_message, "a record's offset is not one of its batch's");
      const int64_t offset = batch.offset_of(record);
      if (record.key.data() == nullptr || offset < setup_.first_dirty_offset) continue;
      const bool drops_last = setup_.mutants.has(Mutant::cleaner_drops_last_value);
      if (!map_.put(record.key, drops_last ? offset + 1 : offset)) return false;
      advance(offset + 1);
    }
    if (reader.fault() != nullptr) return fail(ErrorCode::corrupt_message, reader.fault());
  }
  if (batch.last_offset() >= setup_.first_dirty_offset) advance(batch.next_offset());
  return true;
}

void Cleaning::end_map() {
  is_mapping_ = false;
  batches_.reset();
  file_.reset();
  source_ = 0;
  std::erase_if(setup_.sources, [&](const Source& source) { return source.base_offset >= map_end_offset_; });
  transactions_ = CleanedTransactions(setup_.aborted);
  filter_ = std::make_unique<BatchFilter>(
      map_, map_end_offset_, BatchFilter::Times{setup_.now_ms, setup_.config.delete_retention_ms});
  if (setup_.sources.empty()) state_ = State::done;
}

/// As many of the next sources as one segment may hold.
Result<void> Cleaning::begin_group() {
  uint64_t log_bytes = 0, offset_index_bytes = 0, time_index_bytes = 0;
  group_begin_ = group_end_ = source_;
  for (; group_end_ < setup_.sources.size(); ++group_end_) {
    const Source& source = setup_.sources[group_end_];
    uint64_t sizes[3];
    for (size_t i = 0; const std::string_view suffix : {log_suffix, offset_index_suffix, time_index_suffix}) {
      const auto file = setup_.files->open(path(source, suffix));
      if (!file) return fail(file.error());
      const auto bytes = (*file)->size();
      if (!bytes) return fail(bytes.error());
      sizes[i++] = *bytes;
    }
    const int64_t span = source.end_offset - 1 - setup_.sources[group_begin_].base_offset;
    const bool fits = log_bytes + sizes[0] <= setup_.config.segment_bytes &&
                      offset_index_bytes + sizes[1] <= setup_.config.segment_index_bytes &&
                      time_index_bytes + sizes[2] <= setup_.config.segment_index_bytes &&
                      (sizes[0] == 0 || span <= Segment::offset_span_max);
    if (!fits && group_end_ > group_begin_) break;
    log_bytes += sizes[0], offset_index_bytes += sizes[1], time_index_bytes += sizes[2];
  }
  const int64_t base_offset = setup_.sources[group_begin_].base_offset;
  auto cleaned = Segment::create(*setup_.files, setup_.directory, base_offset, setup_.now_ms, cleaned_suffix);
  if (!cleaned) return fail(cleaned.error());
  cleaned_ = std::move(*cleaned);
  return {};
}

Result<void> Cleaning::rewrite_some() {
  if (!cleaned_) {
    if (auto begun = begin_group(); !begun) return begun;
  }
  if (source_ == group_end_) return end_group();
  if (!batches_) {
    if (auto opened = open_source(setup_.sources[source_].base_offset); !opened) return opened;
  }
  const auto batch = batches_->next();
  if (!batch) return fail(batch.error());
  if (*batch) return rewrite_batch(**batch);
  if (!batches_->fault().empty()) return fail(ErrorCode::corrupt_message, std::string(batches_->fault()));
  close_source();
  return {};
}

Result<void> Cleaning::rewrite_batch(const BatchView& batch) {
  bytes_read_ += batch.size_bytes();
  if (!batch.verify_crc())  // what is made anew gets a new checksum: it would vouch for broken bytes
    return fail(ErrorCode::corrupt_message,
                fmt::format("the batch at offset {} is corrupt", batch.base_offset()));
  BatchFilter::Verdict verdict;
  // The last batch of a segment stays, if only its header: a gap before the next segment would look like a
  // loss.
  verdict.keeps_header =
      is_last_of_producer(batch) || batch.next_offset() == setup_.sources[group_end_ - 1].end_offset;
  if (batch.is_control()) {
    const auto marker = transactions_.end_of(batch);
    if (!marker) return fail(marker.error());
    if (marker->still_aborted) cleaned_->append(*marker->still_aborted);
    const auto horizon_ms = batch.delete_horizon_ms();
    verdict.drops_records = marker->is_needless && horizon_ms && *horizon_ms <= setup_.now_ms;
    verdict.sets_horizon = marker->is_needless;
  } else {
    verdict.drops_records = transactions_.is_aborted(batch);
  }
  const auto kept = filter_->filter(batch, verdict);
  if (!kept) return fail(kept.error());
  if (kept->empty()) return {};
  const auto left = BatchView::parse(*kept);
  KT_ASSERT(left.has_value());
  marks_.push_back({left->size_bytes(), left->last_offset(), left->max_timestamp()});
  out_.insert(out_.end(), kept->begin(), kept->end());
  return out_.size() < write_bytes ? Result<void>{} : write_out();
}

bool Cleaning::is_last_of_producer(const BatchView& batch) const {
  const auto found = setup_.last_records.find(batch.producer_id());
  if (!batch.has_producer_id() || found == setup_.last_records.end()) return false;
  const LastRecord& last = found->second;
  if (last.last_data_offset) return batch.last_offset() == *last.last_data_offset;
  return batch.is_control() && batch.producer_epoch() == last.epoch;
}

Result<void> Cleaning::write_out() {
  if (out_.empty()) return {};
  const std::span<const std::byte> bytes(out_);
  if (auto written = cleaned_->append({&bytes, 1}, marks_, setup_.config); !written) return written;
  bytes_written_ += out_.size();
  out_.clear();
  marks_.clear();
  return {};
}

/// The new segment is whole and on the medium, with the age of its youngest source.
Result<void> Cleaning::end_group() {
  if (auto written = write_out(); !written) return written;
  if (auto sealed = cleaned_->seal(); !sealed) return sealed;
  Disk& disk = setup_.files->disk();
  if (auto synced = cleaned_->take_written_file()->sync(); !synced) return synced;
  if (auto written = write_images(disk, cleaned_->index_images()); !written) return written;
  const auto modified_ms = disk.modified_ms(path(setup_.sources[group_end_ - 1], log_suffix));
  if (!modified_ms) return fail(modified_ms.error());
  for (const std::string_view suffix : {log_suffix, offset_index_suffix, time_index_suffix}) {
    if (auto done = disk.set_modified_ms(cleaned_->path(suffix), *modified_ms); !done) return done;
  }
  setup_.files->forget(cleaned_->path(log_suffix));
  if (auto synced = disk.sync_directory(setup_.directory); !synced) return synced;
  state_ = State::group_ready;
  return {};
}

std::vector<int64_t> Cleaning::group() const {
  std::vector<int64_t> base_offsets;
  for (size_t i = group_begin_; i < group_end_; ++i) base_offsets.push_back(setup_.sources[i].base_offset);
  return base_offsets;
}

/// The log has taken the group.
void Cleaning::next_group() {
  KT_ASSERT(state_ == State::group_ready);
  cleaned_.reset();
  state_ = group_end_ == setup_.sources.size() ? State::done : State::working;
}

}  // namespace kt::log
