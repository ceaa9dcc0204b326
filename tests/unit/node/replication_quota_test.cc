#include "libbroker/node/replication_quota.h"

#include <gtest/gtest.h>

namespace kt::node {
namespace {

TEST(ReplicationQuotaTest, WithoutABoundNothingIsTooMuch) {
  ReplicationQuota quota({});
  quota.record(INT64_MAX / 4, 0);
  EXPECT_FALSE(quota.is_exceeded(0));
}

TEST(ReplicationQuotaTest, TheFirstWindowCountsWhole) {
  ReplicationQuota quota({});
  quota.set_bytes_per_second_max(1'000);
  quota.record(1'000, 5'000);
  EXPECT_FALSE(quota.is_exceeded(5'000)) << "a second's worth";
  quota.record(1, 5'001);
  EXPECT_TRUE(quota.is_exceeded(5'001));
  EXPECT_TRUE(quota.is_exceeded(5'999));
  EXPECT_FALSE(quota.is_exceeded(6'002)) << "by now it took longer";
}

TEST(ReplicationQuotaTest, WhatIsOlderThanAllWindowsIsForgotten) {
  ReplicationQuota quota({.windows = 3, .window_ms = 1'000});
  quota.set_bytes_per_second_max(100);
  quota.record(1'000, 0);
  EXPECT_TRUE(quota.is_exceeded(2'999));
  EXPECT_FALSE(quota.is_exceeded(3'000));
  quota.record(100, 3'000);
  EXPECT_FALSE(quota.is_exceeded(3'000));
}

TEST(ReplicationQuotaTest, ABoundMayChangeAtAnyTime) {
  ReplicationQuota quota({});
  quota.set_bytes_per_second_max(10);
  quota.record(1'000, 0);
  EXPECT_TRUE(quota.is_exceeded(1'000));
  quota.set_bytes_per_second_max(1'000);
  EXPECT_FALSE(quota.is_exceeded(1'000));
  quota.set_bytes_per_second_max(0);
  EXPECT_TRUE(quota.is_exceeded(1'000));
}

}  // namespace
}  // namespace kt::node
