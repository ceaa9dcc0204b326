#include "libbroker/log/batch_scanner.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/log/index_file.h"

namespace kt::log {

using record::batch_header_bytes;
using record::BatchFault;
using record::BatchHeader;
using record::BatchView;

constexpr size_t scan_buffer_bytes = 256 << 10;

std::span<const std::byte> BatchScanner::buffered() const {
  if (next_position_ < buffer_position_ || next_position_ >= buffer_position_ + buffer_bytes_) return {};
  const size_t skip = next_position_ - buffer_position_;
  return {buffer_.data() + skip, buffer_bytes_ - skip};
}

Result<bool> BatchScanner::fill(size_t bytes_needed) {
  const uint64_t left = end_ - next_position_;
  if (bytes_needed > left) return false;
  const size_t wanted = std::min<uint64_t>(std::max(bytes_needed, scan_buffer_bytes), left);
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  const auto read = file_.read_at(next_position_, std::span(buffer_).first(wanted));
  if (!read) return fail(read.error());
  buffer_position_ = next_position_;
  buffer_bytes_ = *read;
  return *read >= bytes_needed;
}

Result<std::optional<BatchView>> BatchScanner::next() {
  while (next_position_ < end_ && fault_.empty()) {
    const auto batch = BatchView::parse(buffered());
    if (batch) {
      position_ = next_position_;
      next_position_ += batch->size_bytes();
      return *batch;
    }
    fault_ = batch.error().reason;
    if (batch.error().kind != BatchFault::Kind::incomplete) break;
    const auto filled = fill(batch.error().bytes_needed);
    if (!filled) return fail(filled.error());
    if (*filled) fault_ = {};
  }
  return std::nullopt;
}

Result<HeaderWalk::Step> HeaderWalk::next() {
  if (next_position_ >= end_) return Step::end;
  const auto corrupt = [&](std::string_view why) {
    return fail(ErrorCode::corrupt_message,
                fmt::format("no batch at position {} of a segment: {}", next_position_, why));
  };
  if (end_ - next_position_ < batch_header_bytes) return corrupt("the segment ends inside a header");
  const bool is_inside = next_position_ >= window_position_ &&
                         next_position_ + batch_header_bytes <= window_position_ + window_filled_;
  if (!is_inside) {
    const size_t bytes = std::min<uint64_t>(window_bytes, end_ - next_position_);
    const auto read = read_exactly(file_, next_position_, std::span(window_).first(bytes), wait_);
    if (!read) return fail(read.error());
    if (!*read) return Step::would_wait;
    window_position_ = next_position_;
    window_filled_ = bytes;
  }
  const auto header = BatchHeader::parse(std::span(window_).subspan(next_position_ - window_position_));
  if (!header) return corrupt(header.error().reason);
  place_ = {next_position_, header->size_bytes(), header->base_offset(), header->last_offset(),
            header->max_timestamp()};
  if (place_.end() > end_) return corrupt("the segment ends inside a batch");
  next_position_ = place_.end();
  return Step::batch;
}

}  // namespace kt::log
