#pragma once
#include <cstdint>
#include <functional>

namespace kt {

using Task = std::move_only_function<void()>;

/// One-shot timers of one loop; callbacks run on that loop.
class Timers {
 public:
  using Id = uint64_t;  // 0 is never a live timer
  virtual ~Timers() = default;
  /// Runs `task` once, `delay_ms` from now or as soon after as the loop turns.
  virtual Id after(int64_t delay_ms, Task task) = 0;
  /// Forgets a timer that has not run; a finished or unknown id is no error.
  virtual void cancel(Id id) = 0;
};

/// One thread's event loop. Only post() may be called from other threads.
class Loop : public Timers {
 public:
  /// Runs `task` on the loop's thread after what is already queued.
  virtual void post(Task task) = 0;
};

/// Threads for work that may block: fdatasync, cold reads, recovery, cleaning.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `work` on some thread of the pool; work that needs to answer posts to a loop itself.
  virtual void run(Task work) = 0;
};

}  // namespace kt
