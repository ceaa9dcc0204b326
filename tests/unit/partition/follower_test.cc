// How a follower's log is cut when it parted from its leader's (semantics R8, R9; KIP-101, KIP-279).
#include "libbroker/partition/follower.h"

#include <gtest/gtest.h>

namespace kt::partition {
namespace {

using Kind = LogCut::Kind;
using record::EpochCache;

EpochCache epochs(std::initializer_list<EpochCache::Entry> entries) {
  const std::vector<EpochCache::Entry> all(entries);
  return EpochCache(all);
}

LogCut truncate(int64_t offset) { return {Kind::truncate, offset}; }

TEST(PartitionFollower, CutsWhatTheLeaderDidNotGetOfTheEpochThatBothKnow) {
  EXPECT_EQ(on_diverging({3, 80}, epochs({{1, 0}, {3, 50}}), 100), truncate(80));
}

TEST(PartitionFollower, CutsNoMoreThanItsOwnEpochWhereTheLeadersIsLonger) {
  // The leader has more of epoch 3 than was fetched here before epoch 4 began.
  EXPECT_EQ(on_diverging({3, 90}, epochs({{3, 50}, {4, 70}}), 100), truncate(70));
}

TEST(PartitionFollower, GoesToTheEndOfTheLastEpochBeforeWhenItKnowsNotTheLeaders) {
  // The leader has epochs 1 and 2, this log 1 and 3: where 2 would be, 1 ends here, and it asks again.
  EXPECT_EQ(on_diverging({2, 60}, epochs({{1, 0}, {3, 40}}), 100), truncate(40));
}

TEST(PartitionFollower, HasNothingInCommonWithALeaderOfOlderEpochsOnly) {
  EXPECT_EQ(on_diverging({1, 30}, epochs({{2, 0}, {3, 40}}), 100), truncate(0));
}

TEST(PartitionFollower, ForgetsAnEpochThatBeganHereWithoutARecord) {
  EXPECT_EQ(on_diverging({4, 100}, epochs({{4, 0}, {5, 100}}), 100), truncate(100));
}

TEST(PartitionFollower, ComesToCommonGroundInAsManyRoundsAsTheLogsHaveEpochs) {
  // KIP-279: epochs 1, 3, 5 here, 1, 2, 4 there; only epoch 1, up to 10, is the same.
  const EpochCache leader = epochs({{1, 0}, {2, 10}, {4, 20}});
  EpochCache own = epochs({{1, 0}, {3, 10}, {5, 20}});
  int64_t own_end = 30;
  for (int round = 0; round < 3; ++round) {
    const int32_t last_fetched = own.latest_epoch().value_or(-1);
    const auto there = leader.end_offset_for(last_fetched, 30).value_or(record::LogEnd{4, 30});
    if (there.epoch == last_fetched && there.offset >= own_end) break;
    own_end = on_diverging(there, own, own_end).offset;
    own.truncate_from_end(own_end);
  }
  EXPECT_EQ(own_end, 10);
  EXPECT_EQ(own.latest_epoch(), 1);
}

TEST(PartitionFollower, OutOfRangeMeansThatTheLeaderEndsEarlierOrBeginsLater) {
  EXPECT_EQ(on_out_of_range(0, 80, 100), truncate(80));
  EXPECT_EQ(on_out_of_range(120, 150, 100), (LogCut{Kind::start_over, 120}));
  EXPECT_EQ(on_out_of_range(0, 150, 100), LogCut{}) << "it was out of range a moment ago";
  EXPECT_EQ(on_out_of_range(100, 100, 100), LogCut{});
}

TEST(PartitionFollower, ALogWithoutRecordsBeginsWithTheBatchThatCoversItsEnd) {
  EXPECT_EQ(on_earlier_batch(0, 9, 4, 4), (LogCut{Kind::start_over, 0}));
  EXPECT_EQ(on_earlier_batch(0, 4, 4, 4), (LogCut{Kind::start_over, 0})) << "its last record";
  EXPECT_EQ(on_earlier_batch(0, 3, 4, 4), LogCut{}) << "it is all before";
  EXPECT_EQ(on_earlier_batch(4, 9, 4, 4), LogCut{});
  EXPECT_EQ(on_earlier_batch(0, 9, 2, 4), LogCut{}) << "there are records";
}

}  // namespace
}  // namespace kt::partition
