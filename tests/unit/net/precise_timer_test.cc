#include "libbroker/net/precise_timer.h"

#include <gtest/gtest.h>

#include <memory>

#include "libbroker/base/clock.h"
#include "libbroker/net/asio_loop.h"

namespace kt::net {
namespace {

TEST(PreciseTimer, IsNeverEarlyAndMayBeSetAgain) {
  SystemClock clock;
  AsioLoop loop(clock);
  const int64_t start_ns = clock.monotonic_ns();
  int fired = 0;
  std::unique_ptr<PreciseTimer> timer;
  timer = std::make_unique<PreciseTimer>(loop, [&] {
    if (++fired == 3) return loop.stop();
    timer->after_ns(100'000);
  });
  timer->after_ns(int64_t{3600} * 1'000'000'000);
  timer->after_ns(100'000);  // instead
  loop.run();
  EXPECT_EQ(fired, 3);
  EXPECT_GE(clock.monotonic_ns() - start_ns, 300'000);
}

TEST(PreciseTimer, ForgetsWhenItDies) {
  SystemClock clock;
  AsioLoop loop(clock);
  bool fired = false;
  auto timer = std::make_unique<PreciseTimer>(loop, [&] { fired = true; });
  timer->after_ns(0);
  timer.reset();
  loop.after(5, [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(fired);
}

}  // namespace
}  // namespace kt::net
