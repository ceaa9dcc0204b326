#include "libbroker/net/connection_rate.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kt::net {
namespace {

TEST(ConnectionRateTest, ASecondsWorthComesAtOnceAndTheRestAtTheRate) {
  ConnectionRate rate(100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rate.wait_ms_of_next(5000), 0) << i;
  for (int i = 1; i <= 300; ++i) EXPECT_EQ(rate.wait_ms_of_next(5000), std::min(i * 10, 1000)) << i;
}

TEST(ConnectionRateTest, AFloodMakesNobodyWaitForMoreThanASecond) {
  ConnectionRate rate(100);
  for (int i = 0; i < 100'000; ++i) ASSERT_LE(rate.wait_ms_of_next(5000), 1000) << i;
  EXPECT_EQ(rate.wait_ms_of_next(6000), 10);
  EXPECT_EQ(rate.wait_ms_of_next(9000), 0);
}

TEST(ConnectionRateTest, WhatWasNotUsedIsNotSavedBeyondASecond) {
  ConnectionRate rate(100);
  EXPECT_EQ(rate.wait_ms_of_next(1'000'000), 0);
  int at_once = 1;
  while (rate.wait_ms_of_next(1'000'000) == 0) ++at_once;
  EXPECT_EQ(at_once, 100);
}

TEST(ConnectionRateTest, AtTheRateNobodyWaits) {
  ConnectionRate rate(500);
  for (int64_t now_ms = 0; now_ms < 10'000; now_ms += 2) EXPECT_EQ(rate.wait_ms_of_next(now_ms), 0);
}

TEST(ConnectionRateTest, KafkasDefaultIsNoLimit) {
  ConnectionRate rate(INT32_MAX);
  for (int i = 0; i < 100'000; ++i) EXPECT_EQ(rate.wait_ms_of_next(0), 0);
}

}  // namespace
}  // namespace kt::net
