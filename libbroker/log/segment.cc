#include "libbroker/log/segment.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/logger.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log_config.h"
#include "libbroker/log/open_files.h"

namespace kt::log {
namespace {

constexpr uint64_t reserve_from_bytes = 1 << 20, reserve_step_bytes_max = 64 << 20;

}  // namespace

Segment::Segment(OpenFiles& files, std::string directory, int64_t base_offset, std::string_view state)
    : files_(files),
      directory_(std::move(directory)),
      base_offset_(base_offset),
      state_(state),
      next_offset_(base_offset) {}
Segment::~Segment() = default;

Result<std::unique_ptr<Segment>> Segment::create(OpenFiles& files, const std::string& directory,
                                                 int64_t base_offset, int64_t now_ms,
                                                 std::string_view state) {
  auto segment = std::make_unique<Segment>(files, directory, base_offset, state);
  auto file = files.disk().open(segment->path(log_suffix), Disk::Mode::create);
  if (!file) return fail(std::move(file.error()));
  if (auto done = (*file)->truncate(0); !done) return fail(done.error());
  segment->file_ = std::move(*file);
  segment->written_file_ = segment->file_;
  segment->indexes_ = std::make_unique<Indexes>(base_offset);
  segment->bytes_ = 0;
  segment->largest_timestamp_ = TimeIndex::Entry{-1, base_offset};
  segment->created_ms_ = now_ms;
  return segment;
}

std::string Segment::path(std::string_view suffix) const {
  return file_path(directory_, base_offset_, suffix) + std::string(state_);
}

Result<void> Segment::open_file() {
  KT_ASSERT(!is_active());
  auto file = files_.disk().open(path(log_suffix), Disk::Mode::read_write);
  if (!file) return fail(std::move(file.error()));
  const auto bytes = (*file)->size();
  if (!bytes) return fail(bytes.error());
  file_ = std::move(*file);
  bytes_ = *bytes;
  return {};
}

void Segment::index(const Mark& batch, uint64_t position, const LogConfig& config) {
  if (batch.max_timestamp > largest_timestamp_->timestamp)
    largest_timestamp_ = {batch.max_timestamp, batch.last_offset};
  if (position - indexes_->offsets.last().position <= config.index_interval_bytes) return;
  indexes_->offsets.append({batch.last_offset, static_cast<uint32_t>(position)});
  indexes_->times.maybe_append(*largest_timestamp_);
}

void Segment::reserve(uint64_t bytes) {
  if (bytes <= reserve_from_bytes || bytes <= reserved_bytes_) return;
  reserved_bytes_ = bytes + std::clamp(bytes, reserve_from_bytes, reserve_step_bytes_max);
  file_->reserve(reserved_bytes_);
}

Result<void> Segment::append(std::span<const std::span<const std::byte>> parts, std::span<const Mark> marks,
                             const LogConfig& config) {
  KT_ASSERT(is_active());
  KT_ASSERT(!is_broken_);
  uint64_t bytes = 0;
  for (const Mark& batch : marks) bytes += batch.bytes;
  if (*bytes_ + bytes <= config.segment_bytes) reserve(*bytes_ + bytes);
  written_file_ = file_;
  if (auto done = file_->write_at(*bytes_, parts); !done) {
    is_broken_ = !file_->truncate(*bytes_);
    return done;
  }
  if (*bytes_ == 0) first_timestamp_ = marks.front().max_timestamp;
  for (const Mark& batch : marks) {
    index(batch, *bytes_, config);
    *bytes_ += batch.bytes;
    next_offset_ = batch.last_offset + 1;
  }
  return {};
}

void Segment::append(const AbortedTransaction& aborted) {
  KT_ASSERT(is_active());
  indexes_->aborted.append(aborted);
}

size_t Segment::count_fitting(std::span<const Mark> batches, const LogConfig& config, int64_t jitter_ms,
                              int64_t now_ms) const {
  KT_ASSERT(is_active());
  const size_t offset_entries_max = config.segment_index_bytes / OffsetIndex::entry_bytes;
  const size_t time_entries_max = config.segment_index_bytes / TimeIndex::entry_bytes;
  uint64_t bytes = *bytes_, indexed_position = indexes_->offsets.last().position;
  size_t offset_entries = indexes_->offsets.size(), time_entries = indexes_->times.size();
  int64_t first_ms = first_timestamp_.value_or(-1);
  for (size_t i = 0; i < batches.size(); ++i) {  // as append() would go on
    const Mark& batch = batches[i];
    const int64_t waited_ms = first_ms >= 0 ? batch.max_timestamp - first_ms : now_ms - created_ms_;
    if (bytes + batch.bytes > config.segment_bytes || batch.last_offset - base_offset_ > offset_span_max ||
        offset_entries >= offset_entries_max ||
        time_entries + 1 >= time_entries_max ||  // the last is for seal()
        (bytes > 0 && waited_ms > config.segment_ms - jitter_ms))
      return i;
    if (bytes - indexed_position > config.index_interval_bytes) {
      indexed_position = bytes;
      ++offset_entries, ++time_entries;
    }
    if (bytes == 0) first_ms = batch.max_timestamp;
    bytes += batch.bytes;
  }
  return batches.size();
}

Result<void> Segment::seal() {
  KT_ASSERT(is_active());
  indexes_->times.maybe_append(*largest_timestamp_);
  if (reserved_bytes_ > *bytes_) {
    if (auto done = file_->truncate(*bytes_); !done) return done;
  }
  files_.add(path(log_suffix), std::move(file_));
  file_ = nullptr;
  return {};
}

Result<void> Segment::unseal() {
  KT_ASSERT(has_unwritten_indexes());
  reserved_bytes_ = 0;
  return open_file();
}

Result<void> Segment::truncate_to(int64_t offset) {
  KT_ASSERT(is_active());
  const uint64_t floor = indexes_->offsets.lookup(offset).position;
  HeaderWalk headers(*file_, floor, *bytes_, Wait::yes);
  std::optional<uint64_t> cut;
  while (!cut) {
    const auto step = headers.next();
    if (!step) return fail(step.error());
    if (*step == HeaderWalk::Step::end) break;
    if (headers.place().last_offset >= offset) cut = headers.place().position;
  }
  if (!cut) return {};
  TimeIndex times = indexes_->times;
  times.truncate_to(offset);
  const auto left = last_before(*cut, times.last());
  if (!left) return fail(left.error());

  if (auto done = file_->truncate(*cut); !done) return done;
  if (auto done = file_->sync(); !done) return done;
  bytes_ = *cut;
  reserved_bytes_ = 0;
  indexes_->offsets.truncate_to(offset);
  indexes_->times = std::move(times);
  indexes_->aborted.truncate_to(offset);
  if (*cut == 0) first_timestamp_.reset();
  next_offset_ = left->next_offset;
  largest_timestamp_ = left->largest_timestamp;
  return {};
}

Result<Segment::LastBatches> Segment::last_before(uint64_t end, const TimeIndex::Entry& largest_indexed) {
  LastBatches last{.next_offset = base_offset_, .largest_timestamp = largest_indexed};
  HeaderWalk headers(*file_, indexes_->offsets.lookup(largest_indexed.offset).position, end, Wait::yes);
  while (true) {
    const auto step = headers.next();
    if (!step) return fail(step.error());
    if (*step == HeaderWalk::Step::end) return last;
    const BatchPlace& batch = headers.place();
    // A directory that was closed cleanly is not looked through when it is opened.
    if (batch.base_offset < last.next_offset || batch.last_offset - base_offset_ > offset_span_max)
      return fail(ErrorCode::corrupt_message, fmt::format("the batch of offsets {} to {} is out of place",
                                                          batch.base_offset, batch.last_offset));
    last.next_offset = batch.last_offset + 1;
    if (batch.max_timestamp > last.largest_timestamp.timestamp)
      last.largest_timestamp = {batch.max_timestamp, batch.last_offset};
  }
}

std::vector<FileImage> Segment::index_images() {
  std::vector<FileImage> images;
  if (!has_unwritten_indexes()) return images;
  images.push_back({path(offset_index_suffix), indexes_->offsets.encode()});
  images.push_back({path(time_index_suffix), indexes_->times.encode()});
  images.push_back({path(txn_index_suffix), indexes_->aborted.encode(), indexes_->aborted.is_empty()});
  return images;
}

void Segment::forget_indexes() {
  KT_ASSERT(!is_active());
  if (indexes_) aborted_ = std::move(indexes_->aborted);
  indexes_.reset();
}

Result<std::shared_ptr<File>> Segment::open() {
  if (file_) return file_;
  return files_.open(path(log_suffix));
}

Result<uint64_t> Segment::size_bytes() {
  if (bytes_) return *bytes_;
  const auto file = open();
  if (!file) return fail(file.error());
  const auto bytes = (*file)->size();
  if (bytes) bytes_ = *bytes;
  return bytes;
}

Result<TimeIndex::Entry> Segment::largest_timestamp() {
  if (largest_timestamp_) return *largest_timestamp_;
  auto file = files_.open(path(time_index_suffix));
  if (!file) return fail(std::move(file.error()));
  const auto last = TimeIndex::last_of(**file, base_offset_);
  if (last) largest_timestamp_ = *last;
  return last;
}

Result<int64_t> Segment::largest_timestamp_ms() {
  const auto largest = largest_timestamp();
  if (!largest) return fail(largest.error());
  return largest->timestamp >= 0 ? largest->timestamp : files_.disk().modified_ms(path(log_suffix));
}

Result<std::optional<int64_t>> Segment::first_timestamp() {
  if (first_timestamp_) return first_timestamp_;
  const auto file = open();
  if (!file) return fail(file.error());
  const auto bytes = size_bytes();
  if (!bytes) return fail(bytes.error());
  HeaderWalk headers(**file, 0, *bytes, Wait::yes);
  const auto step = headers.next();
  if (!step) return fail(step.error());
  if (*step == HeaderWalk::Step::batch) first_timestamp_ = headers.place().max_timestamp;
  return first_timestamp_;
}

void Segment::learn(const SegmentFacts& facts) {
  bytes_ = facts.bytes;
  largest_timestamp_ = facts.largest_timestamp;
  first_timestamp_ = facts.first_timestamp;
}

Result<SegmentFacts> SegmentLook::run() const {
  Segment segment(*files, directory, base_offset);
  const auto bytes = segment.size_bytes();
  if (!bytes) return fail(bytes.error());
  const auto largest = segment.largest_timestamp();
  if (!largest) return fail(largest.error());
  const auto first = segment.first_timestamp();
  if (!first) return fail(first.error());
  return SegmentFacts{*bytes, *largest, *first};
}

Result<TxnIndex> SegmentLook::read_aborted() const {
  return Segment(*files, directory, base_offset).read_aborted();
}

SegmentRead Segment::plan(int64_t offset, int64_t end_offset, const ReadOptions& options) const {
  SegmentRead read{.files = &files_, .path = path(log_suffix), .file = file_, .bytes = bytes_};
  read.base_offset = base_offset_;
  read.end_offset = end_offset;
  read.offset = offset;
  read.options = options;
  if (indexes_) {
    read.offset_floor = indexes_->offsets.lookup(offset);
    read.bound_floor = indexes_->offsets.lookup(options.upper_bound);
  } else {
    read.index_path = path(offset_index_suffix);
  }
  return read;
}

Result<uint64_t> Segment::position_for_timestamp(int64_t timestamp, int64_t offset) {
  if (indexes_)
    return indexes_->offsets.lookup(std::max(indexes_->times.lookup(timestamp).offset, offset)).position;
  const auto times = files_.open(path(time_index_suffix));
  if (!times) return fail(times.error());
  const auto time = TimeIndex::search(**times, base_offset_, timestamp);
  if (!time) return fail(time.error());
  const auto offsets = files_.open(path(offset_index_suffix));
  if (!offsets) return fail(offsets.error());
  const auto entry = OffsetIndex::search(**offsets, base_offset_, std::max(time->offset, offset), Wait::yes);
  if (!entry) return fail(entry.error());
  return (*entry)->position;
}

Result<bool> Segment::collect_aborted(int64_t from, int64_t to, std::vector<AbortedTransaction>& found) {
  if (indexes_) return indexes_->aborted.collect(from, to, found);
  if (!aborted_) {
    if (auto done = load_aborted(); !done) return fail(done.error());
  }
  return aborted_->collect(from, to, found);
}

Result<std::vector<std::string>> Segment::rename_away(std::string_view suffix) {
  std::vector<std::string> renamed;
  for (const std::string_view kind : {log_suffix, offset_index_suffix, time_index_suffix, txn_index_suffix}) {
    const std::string from = path(kind);
    const auto there = files_.disk().exists(from);
    if (!there) return fail(there.error());
    files_.forget(from);
    if (!*there) continue;
    renamed.push_back(from + std::string(suffix));
    if (auto done = files_.disk().rename(from, renamed.back()); !done) return fail(done.error());
  }
  return renamed;
}

Result<void> Segment::remove_files() {
  for (const std::string_view kind : {log_suffix, offset_index_suffix, time_index_suffix, txn_index_suffix}) {
    files_.forget(path(kind));
    if (auto done = files_.disk().remove(path(kind)); !done) return done;
  }
  return {};
}

}  // namespace kt::log
