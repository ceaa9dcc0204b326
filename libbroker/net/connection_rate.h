#pragma once
#include <algorithm>
#include <cstdint>

namespace kt::net {

/// Spreads new connections to so many a second, after a burst of a second's worth; but none waits for more
/// than a second, Kafka's quota window, else those who come and go at once make everybody wait for minutes.
/// Told the time.
class ConnectionRate {
 public:
  explicit ConnectionRate(int32_t per_second_max)
      : interval_us_(1'000'000 / std::max<int64_t>(1, per_second_max)) {}

  /// One more comes now: how long it has to wait before it is served, 0 within the rate.
  int64_t wait_ms_of_next(int64_t now_ms) {
    const int64_t now_us = now_ms * 1000;
    next_us_ = std::min(std::max(next_us_, now_us) + interval_us_, now_us + burst_us + wait_us_max);
    return std::max<int64_t>(0, next_us_ - now_us - burst_us) / 1000;
  }

 private:
  static constexpr int64_t burst_us = 1'000'000, wait_us_max = 1'000'000;
  const int64_t interval_us_;
  int64_t next_us_ = 0;  // when the next one would come, were they evenly spread
};

}  // namespace kt::net
