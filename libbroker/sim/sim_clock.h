#pragma once
#include <cstdint>

#include "libbroker/base/clock.h"
#include "libbroker/sim/scheduler.h"

namespace kt::sim {

/// One machine's clocks: off by an amount, and running fast or slow.
class SimClock final : public Clock {
 public:
  static constexpr int64_t epoch_ms = 1'700'000'000'000;  // the wall clock when virtual time begins

  explicit SimClock(const Scheduler& scheduler) : scheduler_(scheduler) {}

  int64_t wall_ms() override { return epoch_ms + wall_offset_ms_ + local_ns() / 1'000'000; }
  int64_t monotonic_ns() override { return local_ns(); }

  /// Steps the wall clock; the monotonic one does not notice.
  void jump_ms(int64_t ms) { wall_offset_ms_ += ms; }
  /// From now on, gains (loses, if negative) this many microseconds a second.
  void set_drift_ppm(int64_t ppm) {
    local_before_ns_ = local_ns();
    since_ns_ = scheduler_.now_ns();
    drift_ppm_ = ppm;
  }
  /// How long `local_ns` of this clock are in the world's time; rounded up.
  int64_t real_ns(int64_t local_ns) const {
    const auto scaled = static_cast<__int128>(local_ns) * 1'000'000;
    return static_cast<int64_t>((scaled + 999'999 + drift_ppm_) / (1'000'000 + drift_ppm_));
  }

 private:
  int64_t local_ns() const {
    const __int128 real = scheduler_.now_ns() - since_ns_;
    return local_before_ns_ + static_cast<int64_t>(real * (1'000'000 + drift_ppm_) / 1'000'000);
  }

  const Scheduler& scheduler_;
  int64_t wall_offset_ms_ = 0, drift_ppm_ = 0;
  int64_t local_before_ns_ = 0, since_ns_ = 0;
};

}  // namespace kt::sim
