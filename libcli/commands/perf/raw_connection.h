#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/net/fifo.h"

namespace kt::cli::perf {

/// A connection that sends frames as they are and tells of answers in order. One buffer, no timer and nothing
/// allocated per answer, so that the load costs less than what it measures.
class RawConnection final : private Stream::Handler {
 public:
  /// The answer to the request that was sent for `sent_ns`, size excluded; borrowed. Not called from inside
  /// send().
  using Answered = std::function<void(RawConnection&, int64_t sent_ns, std::span<const std::byte> answer)>;
  using Ended = std::function<void(std::string reason)>;

  RawConnection(std::unique_ptr<Stream> stream, Answered answered, Ended ended);

  void send(const Slice& frame, int64_t sent_ns);
  size_t in_flight() const { return sent_ns_.size(); }

 private:
  std::span<std::byte> read_buffer() override;
  void on_read(size_t count) override;
  void on_closed(std::string_view reason) override;
  /// The bytes of the frame that begins at `at_`, size included; what a size takes where it is not there yet.
  size_t frame_bytes() const;

  std::unique_ptr<Stream> stream_;
  const Answered answered_;
  const Ended ended_;
  net::Fifo<int64_t> sent_ns_;
  std::vector<std::byte> buffer_;
  size_t at_ = 0, end_ = 0;  // what was read and not yet told of
};

}  // namespace kt::cli::perf
