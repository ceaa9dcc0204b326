#pragma once
#include <cstdint>
#include <memory>

#include "libbroker/base/loop.h"

namespace kt::net {

class AsioLoop;

/// One deadline on a loop, exact to what the system can do (some microseconds) where the loop's own timers
/// are exact to the millisecond: for loads that are sent on time. On the loop's thread; destroying it forgets
/// the deadline.
class PreciseTimer {
 public:
  PreciseTimer(AsioLoop& loop, Task due);
  ~PreciseTimer();
  PreciseTimer(const PreciseTimer&) = delete;

  /// Calls `due` once, `delay_ns` from now or right after this call when that is past. Replaces the deadline
  /// before.
  void after_ns(int64_t delay_ns);

 private:
  struct State;
  std::shared_ptr<State> state_;  // a callback under way may outlive this
};

}  // namespace kt::net
