#pragma once
#include <atomic>
#include <cstdint>

namespace kt {

/// A number that one thread changes and any thread may read.
class Counter {
 public:
  void add(uint64_t count = 1) { value_.store(get() + count, std::memory_order_relaxed); }
  void subtract(uint64_t count = 1) { value_.store(get() - count, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

}  // namespace kt
