#pragma once
#include <atomic>
#include <cstddef>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "libbroker/base/loop.h"

namespace kt::net {

/// The bytes of received frames that are alive, and who waits for them to become fewer. May be used from any
/// thread; outlives every frame. The limit is checked before a frame is begun, so that those which were begun
/// can be finished; but not when all together take twice the limit.
class MemoryBudget {
 public:
  explicit MemoryBudget(size_t bytes_max) : bytes_max_(bytes_max) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  void charge(size_t bytes) { used_ += bytes; }
  void release(size_t bytes);
  size_t used_bytes() const { return used_; }
  bool is_exhausted() const { return used_ >= bytes_max_; }
  /// Frames that were begun grew to twice the limit.
  bool is_overrun() const { return used_ / 2 >= bytes_max_; }
  /// Posts `resume` to `loop` once, as soon as the budget is not exhausted.
  void when_available(Loop& loop, Task resume);

 private:
  void wake();

  const size_t bytes_max_;
  std::atomic<size_t> used_ = 0;
  std::atomic<bool> has_waiters_ = false;
  std::mutex mutex_;
  std::vector<std::pair<Loop*, Task>> waiters_;  // guarded by mutex_
};

/// An allocator whose memory counts against a budget for as long as it lives.
template <class T>
class BudgetAllocator {
 public:
  using value_type = T;
  explicit BudgetAllocator(MemoryBudget& budget) : budget_(&budget) {}
  template <class U>
  BudgetAllocator(const BudgetAllocator<U>& other) : budget_(other.budget_) {}

  T* allocate(size_t count) {
    auto* const memory = static_cast<T*>(::operator new(count * sizeof(T)));
    budget_->charge(count * sizeof(T));
    return memory;
  }
  void deallocate(T* memory, size_t count) {
    ::operator delete(memory);
    budget_->release(count * sizeof(T));
  }
  template <class U>
  bool operator==(const BudgetAllocator<U>& other) const {
    return budget_ == other.budget_;
  }

 private:
  template <class U>
  friend class BudgetAllocator;
  MemoryBudget* budget_;
};

}  // namespace kt::net
