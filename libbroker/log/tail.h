#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "libbroker/base/slice.h"

namespace kt::log {

/// Memory that all tails of a broker may take together. Any thread.
class TailBudget {
 public:
  explicit TailBudget(uint64_t bytes_max) : left_(static_cast<int64_t>(bytes_max)) {}
  bool take(size_t bytes) {
    if (left_.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed) >=
        static_cast<int64_t>(bytes))
      return true;
    give(bytes);
    return false;
  }
  void give(size_t bytes) { left_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> left_;
};

/// The newest batches of one log as they were appended, for readers that keep up: an unbroken run that ends
/// at the log's end, at most `bytes_max` long. Outlived by the budget.
class Tail {
 public:
  struct Batch {
    int64_t base_offset = 0, last_offset = 0;
    int64_t segment_base_offset = 0;
    uint64_t position = 0;  // in that segment
    Slice bytes;
  };

  Tail(TailBudget& budget, uint64_t bytes_max) : budget_(budget), bytes_max_(bytes_max) {}
  ~Tail() { clear(); }
  Tail(const Tail&) = delete;

  /// Takes a batch that was appended after the last one. Short ones are copied, so that they do not keep
  /// alive the frame they came in; one that nobody owns, or for which there is no room, leaves the tail
  /// empty.
  void append(const Batch& batch);
  void clear();
  /// Gives up the oldest batches until at most `bytes` are left.
  void shrink_to(uint64_t bytes);

  /// The first batch that reaches `offset`; none when the tail begins after it. Batches from here to end()
  /// follow.
  std::deque<Batch>::const_iterator find(int64_t offset) const;
  std::deque<Batch>::const_iterator end() const { return batches_.end(); }
  uint64_t bytes() const { return bytes_; }

 private:
  static constexpr size_t copy_bytes_max = 4096;
  void drop_oldest();

  TailBudget& budget_;
  const uint64_t bytes_max_;
  std::deque<Batch> batches_;
  uint64_t bytes_ = 0;
};

}  // namespace kt::log
