#include "libbroker/net/send_queue.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "libbroker/net/socket_address.h"

namespace kt::net {
namespace {

constexpr size_t gather_parts_max = 64;
constexpr size_t turn_bytes_max = 4 << 20;   // then the other connections of the loop have their turn
constexpr size_t copy_bytes_max = 64 << 10;  // per step, where sendfile does not work

}  // namespace

void SendQueue::push(std::vector<Piece> pieces) {
  for (Piece& piece : pieces) {
    const size_t size = size_of(piece);
    if (size == 0) continue;
    bytes_ += size;
    pieces_.push(std::move(piece));
  }
}

SendQueue::Progress SendQueue::send_to(int descriptor) {
  for (size_t sent = 0; bytes_ > 0;) {
    if (sent >= turn_bytes_max) return Progress::socket_full;
    const bool is_file = std::holds_alternative<FileRange>(pieces_.front());
    const ptrdiff_t count = is_file ? send_range(descriptor) : send_slices(descriptor);
    if (count > 0) {
      consume(static_cast<size_t>(count));
      sent += static_cast<size_t>(count);
    } else if (count == 0) {
      reason_ = "a file ended before the range that was to be sent";
      return Progress::broken;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Progress::socket_full;
    } else if (errno != EINTR) {
      reason_ = reason_of(errno);
      return Progress::broken;
    }
  }
  return Progress::sent_all;
}

/// One gather write of the slices in front. The kernel holds back a last, part-filled packet when more
/// follows.
ptrdiff_t SendQueue::send_slices(int descriptor) {
  std::array<iovec, gather_parts_max> parts;
  size_t count = 0;
  size_t skip = front_sent_;
  bool more = false;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const auto* slice = std::get_if<Slice>(&pieces_[i]);
    if (slice == nullptr || count == parts.size()) {
      more = true;
      break;
    }
    parts[count++] = {const_cast<std::byte*>(slice->data()) + skip, slice->size() - skip};
    skip = 0;
  }
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

ptrdiff_t SendQueue::send_range(int descriptor) {
  const FileRange& range = std::get<FileRange>(pieces_.front());
  auto position = static_cast<off_t>(range.position + front_sent_);
  const size_t left = std::min(range.bytes - front_sent_, turn_bytes_max);
  const ptrdiff_t count = ::sendfile(descriptor, *range.file, &position, left);
  if (count < 0 && (errno == EINVAL || errno == ENOSYS)) return copy_range(descriptor, range);
  return count;
}

/// For file systems that cannot sendfile. What the socket does not take is read again next time.
ptrdiff_t SendQueue::copy_range(int descriptor, const FileRange& range) {
  std::vector<std::byte> bytes(std::min(range.bytes - front_sent_, copy_bytes_max));
  const ptrdiff_t count =
      ::pread(*range.file, bytes.data(), bytes.size(), static_cast<off_t>(range.position + front_sent_));
  return count <= 0 ? count : ::send(descriptor, bytes.data(), static_cast<size_t>(count), MSG_NOSIGNAL);
}

void SendQueue::consume(size_t count) {
  bytes_ -= count;
  front_sent_ += count;
  while (!pieces_.empty() && front_sent_ >= size_of(pieces_.front())) {
    front_sent_ -= size_of(pieces_.front());
    pieces_.pop();
  }
}

}  // namespace kt::net
