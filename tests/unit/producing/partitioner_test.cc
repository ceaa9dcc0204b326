#include "libbroker/producing/partitioner.h"

#include <gtest/gtest.h>

#include <set>

#include "libbroker/base/bytes.h"

namespace kt::producing {
namespace {

TEST(Murmur2, IsJavas) {  // the vectors of the semantics page, X2
  EXPECT_EQ(murmur2(as_bytes("")), 275646681);
  EXPECT_EQ(murmur2(as_bytes("21")), -973932308);
  EXPECT_EQ(murmur2(as_bytes("abc")), 479470107);
  EXPECT_EQ(murmur2(as_bytes("foobar")), -790332482);
  EXPECT_EQ(murmur2(as_bytes("a-little-bit-long-string")), -985981536);
}

TEST(Partitioner, SticksUntilABatchIsFull) {
  Partitioner partitioner(100, 1);
  const std::vector<int32_t> available = {0, 1, 2, 3, 4, 5, 6, 7};
  std::set<int32_t> used;
  for (int batch = 0; batch < 50; ++batch) {
    const int32_t first = partitioner.sticky("t", available, 50);
    EXPECT_EQ(partitioner.sticky("t", available, 50), first);
    used.insert(first);
  }
  EXPECT_EQ(used.size(), available.size());
}

TEST(Partitioner, LeavesAPartitionThatIsNotAvailable) {
  Partitioner partitioner(1'000'000, 1);
  const int32_t first = partitioner.sticky("t", {0, 1}, 1);
  EXPECT_EQ(partitioner.sticky("t", {1 - first}, 1), 1 - first);
}

}  // namespace
}  // namespace kt::producing
