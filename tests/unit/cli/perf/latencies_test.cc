#include "libcli/commands/perf/latencies.h"

#include <gtest/gtest.h>

namespace kt::cli::perf {
namespace {

TEST(Latencies, HasNothingToSayWithoutSamples) {
  EXPECT_EQ(Latencies().percentile_ns(0.99), 0);
  EXPECT_EQ(Latencies().average_ns(), 0);
}

TEST(Latencies, SmallOnesAreExact) {
  Latencies latencies;
  for (int64_t ns = 1; ns <= 100; ++ns) latencies.add(ns);
  EXPECT_EQ(latencies.percentile_ns(0.5), 50);
  EXPECT_EQ(latencies.percentile_ns(0.99), 99);
  EXPECT_EQ(latencies.percentile_ns(0), 1);
  EXPECT_EQ(latencies.percentile_ns(1), 100);
  EXPECT_EQ(latencies.max_ns(), 100);
  EXPECT_DOUBLE_EQ(latencies.average_ns(), 50.5);
}

TEST(Latencies, OthersAreAtMostASixtyFourthTooLong) {
  for (const int64_t ns :
       {127LL, 128LL, 129LL, 999'999LL, 1'000'000LL, 123'456'789'012LL, 9'000'000'000'000'000'000LL}) {
    Latencies latencies;
    latencies.add(ns);
    latencies.add(INT64_MAX);  // so that the greatest does not stand in for the percentile
    EXPECT_GE(latencies.percentile_ns(0.5), ns);
    EXPECT_LE(static_cast<double>(latencies.percentile_ns(0.5)), static_cast<double>(ns) * (1 + 1.0 / 64));
  }
}

TEST(Latencies, AClockThatWentBackIsNoTime) {
  Latencies latencies;
  latencies.add(-5);
  EXPECT_EQ(latencies.percentile_ns(1), 0);
}

}  // namespace
}  // namespace kt::cli::perf
