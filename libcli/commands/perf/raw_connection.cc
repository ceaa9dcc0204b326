#include "libcli/commands/perf/raw_connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "libbroker/base/bytes.h"

namespace kt::cli::perf {
namespace {

constexpr size_t read_bytes_min = 16 << 10;
constexpr size_t answer_bytes_max = 1u << 30;
constexpr size_t size_bytes = sizeof(int32_t);

}  // namespace

RawConnection::RawConnection(std::unique_ptr<Stream> stream, Answered answered, Ended ended)
    : stream_(std::move(stream)),
      answered_(std::move(answered)),
      ended_(std::move(ended)),
      buffer_(read_bytes_min) {
  stream_->start(*this);
}

void RawConnection::send(const Slice& frame, int64_t sent_ns) {
  sent_ns_.push(sent_ns);
  stream_->send({frame});
}

size_t RawConnection::frame_bytes() const {
  if (end_ - at_ < size_bytes) return size_bytes;
  return size_bytes + load_be<uint32_t>(buffer_.data() + at_);
}

/// Room for the rest of one frame: the next one of a large answer is not read with it, since it would have to
/// move.
std::span<std::byte> RawConnection::read_buffer() {
  const size_t wanted = std::max(read_bytes_min, frame_bytes());
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  return std::span(buffer_).subspan(end_, wanted - end_);
}

void RawConnection::on_read(size_t count) {
  end_ += count;
  while (end_ - at_ >= size_bytes) {
    const size_t bytes = frame_bytes();
    if (bytes > answer_bytes_max || sent_ns_.empty()) {
      stream_->pause_reading(true);
      return on_closed("the answer cannot be read");
    }
    if (end_ - at_ < bytes) break;
    const auto answer = std::span(buffer_).subspan(at_ + size_bytes, bytes - size_bytes);
    at_ += bytes;
    answered_(*this, sent_ns_.pop(), answer);
  }
  std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
  end_ -= std::exchange(at_, 0);
}

void RawConnection::on_closed(std::string_view reason) { ended_(std::string(reason)); }

}  // namespace kt::cli::perf
