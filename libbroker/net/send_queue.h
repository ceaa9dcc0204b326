#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/net/fifo.h"

namespace kt::net {

/// What a socket still has to send, in order.
class SendQueue {
 public:
  enum class Progress { sent_all, socket_full, broken };

  void push(std::vector<Piece> pieces);
  size_t bytes() const { return bytes_; }
  /// Sends until all is gone, the socket takes no more, or a turn's share is used up (which reads as
  /// socket_full).
  Progress send_to(int descriptor);
  /// After broken: why.
  const std::string& reason() const { return reason_; }

 private:
  ptrdiff_t send_slices(int descriptor);
  ptrdiff_t send_range(int descriptor);
  ptrdiff_t copy_range(int descriptor, const FileRange& range);
  void consume(size_t count);

  Fifo<Piece> pieces_;
  size_t front_sent_ = 0;  // bytes of the first piece that are gone
  size_t bytes_ = 0;
  std::string reason_;
};

}  // namespace kt::net
