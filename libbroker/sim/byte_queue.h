#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "libbroker/base/slice.h"

namespace kt::sim {

/// Bytes in order, held as the slices they came in.
class ByteQueue {
 public:
  bool is_empty() const { return slices_.empty(); }
  size_t size() const { return size_; }
  void push(Slice slice) {
    if (slice.size() == 0) return;
    size_ += slice.size();
    slices_.push_back(std::move(slice));
  }
  /// Takes at least one and up to `count` bytes, of one slice.
  Slice take(size_t count) {
    Slice& front = slices_.front();
    Slice taken = front.sub(0, count);
    drop(taken.size());
    return taken;
  }
  /// Fills as much of `into` as there are bytes; returns how much.
  size_t read(std::span<std::byte> into) {
    size_t done = 0;
    while (done < into.size() && !slices_.empty()) {
      const Slice part = take(into.size() - done);
      std::ranges::copy(part.bytes, into.begin() + static_cast<ptrdiff_t>(done));
      done += part.size();
    }
    return done;
  }
  void clear() {
    slices_.clear();
    size_ = 0;
  }

 private:
  void drop(size_t count) {
    size_ -= count;
    slices_.front() = slices_.front().sub(count);
    if (slices_.front().size() == 0) slices_.pop_front();
  }

  std::deque<Slice> slices_;  // none is empty
  size_t size_ = 0;
};

}  // namespace kt::sim
