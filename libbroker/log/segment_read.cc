#include "libbroker/log/segment_read.h"

#include <algorithm>

#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/index_file.h"
#include "libbroker/log/offset_index.h"
#include "libbroker/log/open_files.h"

namespace kt::log {
namespace {

constexpr size_t file_range_bytes_min = 128 << 10;  // below, copying costs less than sendfile
constexpr size_t probe_interval_bytes =
    128 << 10;  // the kernel's read-ahead: one page in memory vouches for its neighbours

/// Either what was asked for, or that the reader would have to wait.
template <class T>
using MaybeWait = Result<std::optional<T>>;

class SegmentReader {
 public:
  SegmentReader(const SegmentRead& read, Wait wait) : read_(read), wait_(wait) {}

  MaybeWait<ReadOut> run() {
    auto opened = open(read_.path, read_.file);
    if (!opened || !*opened) return pass_on<ReadOut>(opened);
    file_ = std::move(**opened);
    if (auto known = learn_size(); !known) return fail(known.error());

    const auto first = find(read_.offset);
    if (!first || !*first) return pass_on<ReadOut>(first);
    ReadOut out{.first_offset = read_.offset,
                .segment_base_offset = read_.base_offset,
                .next_offset = read_.end_offset};
    if ((*first)->bytes == 0) return out;

    const auto end = end_position(**first);
    if (!end || !*end) return pass_on<ReadOut>(end);
    out.first_offset = (*first)->base_offset;
    out.first_batch_bytes = (*first)->bytes;
    out.position = (*first)->position;
    out.next_offset = read_.offset;
    if ((*first)->end() > **end) return out;
    const size_t bytes_max = read_.options.min_one_batch ? std::max(read_.options.bytes_max, (*first)->bytes)
                                                         : read_.options.bytes_max;
    if (bytes_max < (*first)->bytes) return out;
    out.bytes = std::min<uint64_t>(bytes_max, **end - out.position);
    out.next_offset = std::min(read_.options.upper_bound, read_.end_offset);
    auto piece = load(out.position, out.bytes);
    if (!piece || !*piece) return pass_on<ReadOut>(piece);
    out.pieces.push_back(std::move(**piece));
    return out;
  }

  /// The file has become shorter than it was when the read was planned.
  bool was_cut() const {
    const auto size = file_ && read_.bytes ? file_->size() : Result<uint64_t>(bytes_);
    return size && *size < bytes_;
  }

 private:
  template <class T, class U>
  static MaybeWait<T> pass_on(const MaybeWait<U>& outcome) {
    if (!outcome) return fail(outcome.error());
    return std::nullopt;
  }

  MaybeWait<std::shared_ptr<File>> open(const std::string& path, const std::shared_ptr<File>& known) {
    if (known) return known;
    if (wait_ == Wait::no) {
      auto file = read_.files->find(path);
      return file ? std::optional(std::move(file)) : std::nullopt;
    }
    if (auto file = read_.files->open(path)) return std::move(*file);
    const auto there = read_.files->disk().exists(path);
    if (there && !*there) return std::nullopt;
    auto file = read_.files->open(path);  // a cleaned one may have come into its place
    if (file) return std::move(*file);
    return fail(std::move(file.error()));
  }

  Result<void> learn_size() {
    if (read_.bytes) {
      bytes_ = *read_.bytes;
      return {};
    }
    const auto size = file_->size();
    if (!size) return fail(size.error());
    bytes_ = *size;
    return {};
  }

  /// A batch from where a walk finds the one that reaches `offset`; only its last offset and position are
  /// known.
  MaybeWait<OffsetIndex::Entry> start_of_walk(int64_t offset) {
    const auto& known = offset == read_.offset ? read_.offset_floor : read_.bound_floor;
    if (known) return *known;
    const auto index = open(read_.index_path, nullptr);
    if (!index || !*index) return pass_on<OffsetIndex::Entry>(index);
    return OffsetIndex::search(***index, read_.base_offset, offset, wait_);
  }

  /// The first batch that reaches `offset`; one of no bytes when there is none.
  MaybeWait<BatchPlace> find(int64_t offset) {
    const auto start = start_of_walk(offset);
    if (!start || !*start) return pass_on<BatchPlace>(start);
    auto found = walk(**start, offset);
    if (found || found.error().code != ErrorCode::corrupt_message || (*start)->position == 0) return found;
    log_warn("log", "{}: the index is wrong, searching from the start: {}", read_.path,
             found.error().message);
    return walk({}, offset);
  }

  MaybeWait<BatchPlace> walk(const OffsetIndex::Entry& start, int64_t offset) {
    const auto corrupt = [&] {
      return fail(ErrorCode::corrupt_message, "an index entry that names no batch");
    };
    if (start.position > bytes_) return corrupt();
    HeaderWalk headers(*file_, start.position, bytes_, wait_);
    while (true) {
      const auto step = headers.next();
      if (!step) return fail(step.error());
      if (*step == HeaderWalk::Step::would_wait) return std::nullopt;
      if (*step == HeaderWalk::Step::end) return BatchPlace{.position = bytes_};
      const BatchPlace& batch = headers.place();
      if (start.position > 0 && batch.position == start.position && batch.last_offset != start.offset)
        return corrupt();
      if (batch.last_offset >= offset) return batch;
    }
  }

  /// Where the batches end that do not reach the upper bound.
  MaybeWait<uint64_t> end_position(const BatchPlace& first) {
    if (read_.options.upper_bound >= read_.end_offset) return bytes_;
    if (first.last_offset >= read_.options.upper_bound) return first.position;
    const auto bound = find(read_.options.upper_bound);
    if (!bound || !*bound) return pass_on<uint64_t>(bound);
    return (*bound)->position;
  }

  MaybeWait<Piece> load(uint64_t position, size_t bytes) {
    if (bytes >= file_range_bytes_min && wait_ == Wait::no) {
      if (auto descriptor = file_->descriptor()) {
        const auto resident = is_resident(position, bytes);
        if (!resident) return fail(resident.error());
        if (!*resident) return std::nullopt;
        return FileRange{std::move(descriptor), position, static_cast<uint32_t>(bytes)};
      }
    }
    auto buffer = std::make_shared_for_overwrite<std::byte[]>(bytes);
    const std::span<std::byte> into(buffer.get(), bytes);
    const auto read = read_exactly(*file_, position, into, wait_);
    if (!read) return fail(read.error());
    if (!*read) return std::nullopt;
    return Slice{into, std::move(buffer)};
  }

  Result<bool> is_resident(uint64_t position, size_t bytes) {
    std::byte probe;
    for (uint64_t at = position; at < position + bytes; at += probe_interval_bytes) {
      const auto there = file_->read_resident(at, {&probe, 1});
      if (!there || !*there) return there;
    }
    return file_->read_resident(position + bytes - 1, {&probe, 1});
  }

  const SegmentRead& read_;
  const Wait wait_;
  std::shared_ptr<File> file_;
  uint64_t bytes_ = 0;
};

}  // namespace

Result<std::optional<ReadOut>> read_segment(const SegmentRead& read, Wait wait) {
  SegmentReader reader(read, wait);
  auto out = reader.run();
  if (!out && reader.was_cut()) return std::nullopt;
  return out;
}

}  // namespace kt::log
