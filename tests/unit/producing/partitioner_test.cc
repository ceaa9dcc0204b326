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

// The order of Scala's Set(0, 1, ..., 12), known from many a log of Kafka 0.10.
TEST(Partitioner, ListsPartitionsAsKafkaDidIn2017) {
  std::vector<int32_t> partitions = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  order_as_listed(partitions);
  EXPECT_EQ(partitions, (std::vector<int32_t>{0, 5, 10, 1, 6, 9, 2, 12, 7, 3, 11, 8, 4}));
  std::vector<int32_t> few = {3, 1, 0, 2};
  order_as_listed(few);
  EXPECT_EQ(few, (std::vector<int32_t>{0, 1, 2, 3}));
}

TEST(Partitioner, TakesTurns) {
  Partitioner partitioner(100, 1);
  EXPECT_EQ(partitioner.in_turn("t", {0, 5, 10}, 1), 5);
  EXPECT_EQ(partitioner.in_turn("t", {0, 5, 10}, 1), 10);
  EXPECT_EQ(partitioner.in_turn("t", {0, 5, 10}, 1), 0);
  EXPECT_EQ(partitioner.in_turn("other", {7}), 7);
  std::set<int32_t> firsts;
  for (int i = 0; i < 50; ++i) firsts.insert(partitioner.in_turn("topic-" + std::to_string(i), {0, 1, 2}));
  EXPECT_EQ(firsts.size(), 3u);
}

}  // namespace
}  // namespace kt::producing
