#pragma once
#include <cstdint>

namespace kt {

/// The one place where time is read. Everything that decides takes `now_ms` as an argument instead.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970, as record timestamps count them. May jump.
  virtual int64_t wall_ms() = 0;
  /// Nanoseconds from an arbitrary start, never backwards: deadlines, sessions and durations.
  virtual int64_t monotonic_ns() = 0;
  int64_t monotonic_ms() { return monotonic_ns() / 1'000'000; }
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  int64_t wall_ms() override;
  int64_t monotonic_ns() override;
};

/// A clock that a test moves.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t wall_ms = 1'700'000'000'000) : start_wall_ms_(wall_ms) {}
  int64_t wall_ms() override { return start_wall_ms_ + elapsed_ns_ / 1'000'000; }
  int64_t monotonic_ns() override { return elapsed_ns_; }
  void advance_ms(int64_t ms) { elapsed_ns_ += ms * 1'000'000; }
  void advance_ns(int64_t ns) { elapsed_ns_ += ns; }

 private:
  int64_t start_wall_ms_;
  int64_t elapsed_ns_ = 0;
};

}  // namespace kt
