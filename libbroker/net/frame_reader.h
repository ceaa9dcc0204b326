#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "libbroker/base/slice.h"
#include "libbroker/net/fifo.h"
#include "libbroker/net/memory_budget.h"

namespace kt::net {

/// The peer does not speak in frames, or in larger ones than allowed: its connection ends.
struct BadFrame : std::runtime_error {
  BadFrame(const std::string& message, std::string_view prefix_)
      : std::runtime_error(message), prefix(prefix_) {}
  std::string prefix;  // the four bytes that are no size
};

/// Cuts a stream of bytes into frames: `int32 size`, then `size` bytes (protocol guide, "Protocol Primitive
/// Types").
///
/// Every frame has memory of its own, exactly its size: keeping a slice of it keeps that frame and nothing
/// else. Small frames are read many at a time into `landing`, scratch memory that all connections of a loop
/// share because nothing stays there between two reads, and copied out. A large frame is read into its place;
/// only its head is copied.
///
/// What a peer says that it will send costs the budget `claim_bytes_max` at most before it comes: else a few
/// peers that say much and send nothing would keep all others from being read.
class FrameReader {
 public:
  static constexpr size_t landing_bytes = 64 << 10;
  static constexpr size_t claim_bytes_max = 256 << 10;

  FrameReader(std::span<std::byte> landing, MemoryBudget& budget, uint32_t frame_bytes_max)
      : landing_(landing), budget_(budget), frame_bytes_max_(frame_bytes_max) {}

  /// Where the next bytes go.
  std::span<std::byte> buffer();
  /// `count` bytes arrived there; whole frames, without their size, are added to `frames`. Throws BadFrame,
  /// and bad_alloc when the budget is overrun; then the reader is of no more use.
  void on_read(size_t count, Fifo<Slice>& frames);

  /// Some bytes of a frame have arrived, but not all.
  bool is_inside_frame() const { return prefix_count_ > 0; }
  /// Holds from the next frame on.
  void set_frame_bytes_max(uint32_t bytes) { frame_bytes_max_ = bytes; }

 private:
  class ClaimedFrame;
  void begin_body();
  size_t take_prefix(std::span<const std::byte> bytes);
  size_t take_body(std::span<const std::byte> bytes);
  void finish_if_whole(Fifo<Slice>& frames);
  size_t missing() const { return size_ - filled_; }
  bool has_prefix() const { return prefix_count_ == prefix_.size(); }

  const std::span<std::byte> landing_;
  MemoryBudget& budget_;
  uint32_t frame_bytes_max_;
  std::array<std::byte, 4> prefix_ = {};
  size_t prefix_count_ = 0;
  std::shared_ptr<std::byte[]> body_;      // null between frames
  std::shared_ptr<ClaimedFrame> claimed_;  // the body's, if it is charged as it comes
  size_t size_ = 0;
  size_t filled_ = 0;
  bool expects_large_ = false;  // the last frame was
  bool reads_in_place_ = false;
};

/// The bytes of a part of a received frame, to be changed in place: a batch's base offset and leader epoch.
/// For the one request that the frame belongs to, before it shares the bytes; `part` comes from a
/// FrameReader.
std::span<std::byte> writable_bytes(const Slice& part);

}  // namespace kt::net
