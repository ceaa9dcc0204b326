#pragma once
#include <mutex>

#include "libbroker/base/clock.h"
#include "libbroker/fault/orders.h"

namespace kt::fault {

/// The time of day as a lab has it; durations, deadlines and sessions go by the real one. Any thread.
class LabClock final : public Clock {
 public:
  explicit LabClock(Clock& real) : real_(real) {}
  /// From now on.
  void set(const ClockSetting& setting) {
    const std::lock_guard lock(mutex_);
    setting_ = setting;
  }
  int64_t wall_ms() override {
    const std::lock_guard lock(mutex_);
    return setting_.at(real_.wall_ms());
  }
  int64_t monotonic_ns() override { return real_.monotonic_ns(); }

 private:
  Clock& real_;
  std::mutex mutex_;
  ClockSetting setting_;
};

}  // namespace kt::fault
