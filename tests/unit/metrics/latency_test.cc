#include "libbroker/metrics/latency.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kt::metrics {
namespace {

LatencySummary summary_of(std::initializer_list<int64_t> durations_us) {
  Latencies latencies;
  for (const int64_t us : durations_us) latencies.add(us * 1000);
  LatencySummary summary;
  summary.add(latencies);
  return summary;
}

TEST(Latencies, AQuantileIsAtLeastTheDurationAndAtMostAQuarterMore) {
  for (int64_t us = 1; us < 60'000'000; us = us * 9 / 8 + 1) {
    const double told_us = summary_of({us}).quantile_ms(0.5) * 1000;
    EXPECT_GT(told_us, static_cast<double>(us));
    EXPECT_LE(told_us, static_cast<double>(us) * 1.25 + 1) << us;
  }
}

TEST(Latencies, QuantilesCountFromTheShortest) {
  const LatencySummary summary = summary_of({10, 10, 10, 10, 10, 10, 10, 10, 10, 5'000'000});
  EXPECT_LT(summary.quantile_ms(0.9), 0.02);
  EXPECT_GT(summary.quantile_ms(0.99), 4999);
  EXPECT_EQ(summary.count(), 10u);
  EXPECT_NEAR(summary.sum_ms(), 5000.09, 1e-6);
}

TEST(Latencies, SeveralAddUp) {
  Latencies one, other;
  one.add(1'000'000);
  other.add(2'000'000);
  LatencySummary summary;
  summary.add(one);
  summary.add(other);
  EXPECT_EQ(summary.count(), 2u);
  EXPECT_EQ(summary.sum_ms(), 3);
}

TEST(Latencies, ExtremesHaveABucket) {
  EXPECT_GT(summary_of({0}).quantile_ms(1), 0);
  EXPECT_GT(summary_of({-5}).quantile_ms(1), 0);
  EXPECT_GT(summary_of({1'000'000'000'000}).quantile_ms(1), 60'000);
  EXPECT_TRUE(std::isnan(summary_of({}).quantile_ms(0.5)));
}

}  // namespace
}  // namespace kt::metrics
