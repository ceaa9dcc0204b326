#include "libbroker/record/epoch_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "libbroker/base/rng.h"

namespace kt::record {
namespace {

using Entry = EpochCache::Entry;
using Entries = std::vector<Entry>;

Entries entries(const EpochCache& cache) { return {cache.entries().begin(), cache.entries().end()}; }

EpochCache two_four_six() { return EpochCache(Entries{{2, 10}, {4, 20}, {6, 30}}); }

TEST(EpochCache, AnswersWhereEpochsEnd) {
  const EpochCache cache = two_four_six();
  EXPECT_EQ(cache.end_offset_for(6, 40), (LogEnd{6, 40})) << "the latest ends at the log's end";
  EXPECT_EQ(cache.end_offset_for(4, 40), (LogEnd{4, 30}));
  EXPECT_EQ(cache.end_offset_for(5, 40), (LogEnd{4, 30})) << "between two known ones";
  EXPECT_EQ(cache.end_offset_for(1, 40), (LogEnd{1, 10})) << "below the first";
  EXPECT_EQ(cache.end_offset_for(7, 40), std::nullopt) << "above the last";
  EXPECT_EQ(cache.end_offset_for(-1, 40), std::nullopt);
  EXPECT_EQ(EpochCache().end_offset_for(0, 40), std::nullopt);
}

TEST(EpochCache, KnowsTheEpochOfAnOffset) {
  const EpochCache cache = two_four_six();
  EXPECT_EQ(cache.epoch_for_offset(9), std::nullopt);
  EXPECT_EQ(cache.epoch_for_offset(10), 2);
  EXPECT_EQ(cache.epoch_for_offset(19), 2);
  EXPECT_EQ(cache.epoch_for_offset(20), 4);
  EXPECT_EQ(cache.epoch_for_offset(1'000'000), 6);
  EXPECT_EQ(cache.earliest(), (Entry{2, 10}));
  EXPECT_EQ(cache.latest(), (Entry{6, 30}));
}

TEST(EpochCache, AnEpochIsAssignedOnce) {
  EpochCache cache;
  EXPECT_TRUE(cache.assign(3, 100));
  EXPECT_FALSE(cache.assign(3, 100));
  EXPECT_FALSE(cache.assign(3, 150)) << "later batches of the same epoch say nothing new";
  EXPECT_EQ(entries(cache), (Entries{{3, 100}}));
}

TEST(EpochCache, TheLaterStatementWins) {
  EpochCache cache = two_four_six();
  EXPECT_TRUE(cache.assign(7, 25));
  EXPECT_EQ(entries(cache), (Entries{{2, 10}, {4, 20}, {7, 25}}));
  EXPECT_TRUE(cache.assign(3, 40));
  EXPECT_EQ(entries(cache), (Entries{{2, 10}, {3, 40}}));
  EXPECT_TRUE(cache.assign(3, 12)) << "the latest may begin earlier";
  EXPECT_EQ(entries(cache), (Entries{{2, 10}, {3, 12}}));
  EXPECT_TRUE(cache.assign(9, 10)) << "an epoch without a batch gives way";
  EXPECT_EQ(entries(cache), (Entries{{9, 10}}));
}

/// A replica was elected when it had lost the end of its log, and wrote nothing; then the next leader sends
/// it what was lost.
TEST(EpochCache, AnEpochGoesOnWhereALaterOneWroteNothing) {
  EpochCache cache = two_four_six();
  EXPECT_TRUE(cache.assign(9, 35));
  EXPECT_TRUE(cache.assign(6, 35));
  EXPECT_EQ(entries(cache), (Entries{{2, 10}, {4, 20}, {6, 30}}));
}

TEST(EpochCache, TruncatesFromTheEnd) {
  EpochCache cache = two_four_six();
  EXPECT_FALSE(cache.truncate_from_end(31));
  EXPECT_TRUE(cache.truncate_from_end(30));
  EXPECT_EQ(entries(cache), (Entries{{2, 10}, {4, 20}}));
  EXPECT_TRUE(cache.truncate_from_end(0));
  EXPECT_TRUE(entries(cache).empty());
  EXPECT_FALSE(cache.truncate_from_end(0));
}

TEST(EpochCache, TruncatesFromTheStart) {
  EpochCache cache = two_four_six();
  EXPECT_FALSE(cache.truncate_from_start(9));
  EXPECT_FALSE(cache.truncate_from_start(10));
  EXPECT_TRUE(cache.truncate_from_start(15));
  EXPECT_EQ(entries(cache), (Entries{{2, 15}, {4, 20}, {6, 30}}));
  EXPECT_TRUE(cache.truncate_from_start(20));
  EXPECT_EQ(entries(cache), (Entries{{4, 20}, {6, 30}}));
  EXPECT_TRUE(cache.truncate_from_start(100));
  EXPECT_EQ(entries(cache), (Entries{{6, 100}}));
}

// Against a log that simply writes down the epoch of every record.
TEST(EpochCache, AgreesWithALogThatRemembersEverything) {
  SeededRng rng(11);
  for (int round = 0; round < 200; ++round) {
    EpochCache cache;
    std::map<int64_t, int32_t> log;  // offset -> epoch
    int64_t start = 0, end = 0;
    int32_t epoch = 0;
    for (int step = 0; step < 60; ++step) {
      switch (rng.below(4)) {
        case 0:
          epoch += 1 + static_cast<int32_t>(rng.below(3));
          break;
        case 1:
          end = start + static_cast<int64_t>(rng.below(static_cast<uint64_t>(end - start) + 1));
          log.erase(log.lower_bound(end), log.end());
          cache.truncate_from_end(end);
          break;
        case 2:
          start += static_cast<int64_t>(rng.below(static_cast<uint64_t>(end - start) + 1));
          log.erase(log.begin(), log.lower_bound(start));
          cache.truncate_from_start(start);
          break;
        default:
          cache.assign(epoch, end);
          for (uint64_t records = 1 + rng.below(5); records > 0; --records) log[end++] = epoch;
      }
      for (const auto& [offset, at] : log) ASSERT_EQ(cache.epoch_for_offset(offset), at);
      for (const auto& [offset, asked] : log) {
        const auto next = std::ranges::find_if(log, [&](const auto& entry) { return entry.second > asked; });
        ASSERT_EQ(cache.end_offset_for(asked, end), (LogEnd{asked, next == log.end() ? end : next->first}));
      }
    }
  }
}

}  // namespace
}  // namespace kt::record
