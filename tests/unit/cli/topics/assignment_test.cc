#include "libcli/commands/topics/assignment.h"

#include <gtest/gtest.h>

namespace kt::cli::topics {
namespace {

using Assignment = std::vector<std::vector<int32_t>>;

// The table of a training text of 2017, made by Kafka 0.10.2.
TEST(ClassicPlacement, IsThatOfTheTimeBeforeKafka22) {
  const auto placed = place_classically({.brokers = {0, 1, 2}, .replication_factor = 3, .start = 2}, 13);
  EXPECT_EQ(placed, (Assignment{{2, 0, 1},
                                {0, 1, 2},
                                {1, 2, 0},
                                {2, 1, 0},
                                {0, 2, 1},
                                {1, 0, 2},
                                {2, 0, 1},
                                {0, 1, 2},
                                {1, 2, 0},
                                {2, 1, 0},
                                {0, 2, 1},
                                {1, 0, 2},
                                {2, 0, 1}}));
}

// Kafka's AdminRackAwareTest, testAssignmentWithoutRackAware... of 0.10: five brokers, start 0, shift 0.
TEST(ClassicPlacement, ShiftsFollowersByOneWithEachRound) {
  const auto placed = place_classically({.brokers = {0, 1, 2, 3, 4}, .replication_factor = 3}, 10);
  EXPECT_EQ(placed, (Assignment{{0, 1, 2},
                                {1, 2, 3},
                                {2, 3, 4},
                                {3, 4, 0},
                                {4, 0, 1},
                                {0, 2, 3},
                                {1, 3, 4},
                                {2, 4, 0},
                                {3, 0, 1},
                                {4, 1, 2}}));
}

TEST(ClassicPlacement, GoesOnWhereATopicEnds) {
  const auto whole =
      place_classically({.brokers = {3, 5, 9}, .replication_factor = 2, .start = 1, .shift = 1}, 3);
  ASSERT_TRUE(whole);
  const auto more = place_classically(
      {.brokers = {3, 5, 9}, .replication_factor = 2, .start = 1, .shift = 1, .first_partition = 3}, 1);
  EXPECT_EQ(more, (Assignment{{5, 9}}));
}

TEST(ClassicPlacement, OfOneBroker) {
  EXPECT_EQ(place_classically({.brokers = {7}, .start = 2}, 2), (Assignment{{7}, {7}}));
}

TEST(ClassicPlacement, NeedsAsManyBrokersAsReplicas) {
  EXPECT_EQ(place_classically({.brokers = {1, 2}, .replication_factor = 3}, 1).error(),
            "Replication factor: 3 larger than available brokers: 2.");
  EXPECT_EQ(place_classically({}, 1).error(), "Replication factor: 1 larger than available brokers: 0.");
}

}  // namespace
}  // namespace kt::cli::topics
