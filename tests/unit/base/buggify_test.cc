#include "libbroker/base/buggify.h"

#include <gtest/gtest.h>

namespace kt {
namespace {

TEST(Buggify, NeverFiresInLife) {
  Buggify buggify;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(buggify.at("log.roll-early"));
}

TEST(Buggify, ArmsAQuarterOfTheSeedsAndThenFiresAQuarterOfTheTime) {
  int armed = 0, fired = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    SeededRng rng(seed);
    Buggify buggify(rng);
    armed += buggify.is_armed("log.roll-early");
    bool fires = false;
    for (int i = 0; i < 100; ++i) fires |= buggify.at("log.roll-early");
    EXPECT_EQ(fires, buggify.is_armed("log.roll-early"));
    fired += fires;
  }
  EXPECT_NEAR(armed, 250, 60);
  EXPECT_EQ(fired, armed);
}

}  // namespace
}  // namespace kt
