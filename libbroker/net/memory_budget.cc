#include "libbroker/net/memory_budget.h"

namespace kt::net {

// A waiter announces itself before it looks at used_, and release() lowers used_ before it looks for waiters:
// in the one order of all these atomic steps, at least one of the two sees the other.
void MemoryBudget::release(size_t bytes) {
  used_ -= bytes;
  if (has_waiters_ && !is_exhausted()) wake();
}

void MemoryBudget::when_available(Loop& loop, Task resume) {
  {
    const std::lock_guard lock(mutex_);
    waiters_.emplace_back(&loop, std::move(resume));
    has_waiters_ = true;
  }
  if (!is_exhausted()) wake();
}

void MemoryBudget::wake() {
  std::vector<std::pair<Loop*, Task>> ready;
  {
    const std::lock_guard lock(mutex_);
    ready.swap(waiters_);
    has_waiters_ = false;
  }
  for (auto& [loop, resume] : ready) loop->post(std::move(resume));
}

}  // namespace kt::net
