// One replica as a leader: what is committed, and which ISR it asks for (semantics R1-R7).
#include "libbroker/partition/leader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "libbroker/base/rng.h"

namespace kt::partition {
namespace {

using Ids = std::vector<int32_t>;
constexpr int64_t lag_ms = 30'000;

metadata::Partition partition(Ids isr, int32_t partition_epoch = 0, Ids replicas = {1, 2, 3}) {
  metadata::Partition state;
  state.replicas = std::move(replicas);
  state.isr = std::move(isr);
  state.leader = 1;
  state.leader_epoch = 5;
  state.partition_epoch = partition_epoch;
  return state;
}

Leader leader_of(Ids isr, int32_t min_isr = 1, int64_t log_end = 100, int64_t high_watermark = 100) {
  return Leader({.self = 1, .lag_ms_max = lag_ms}, partition(std::move(isr)), min_isr,
                {.end = log_end, .stable_end = log_end, .high_watermark = high_watermark}, 0);
}

FollowerFetch fetch(int32_t id, int64_t offset, int64_t broker_epoch = 10) {
  return {.id = id, .broker_epoch = broker_epoch, .offset = offset, .log_start = 0, .is_eligible = true};
}

Ids ids(const IsrChange& change) {
  Ids members;
  for (const auto& member : change.isr) members.push_back(member.id);
  return members;
}

// The high watermark.

TEST(PartitionLeader, CommitsWhatTheWholeIsrHas) {
  Leader leader = leader_of({1, 2, 3});
  leader.log_moved(110);
  EXPECT_EQ(leader.high_watermark(), 100);
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 2));
  EXPECT_EQ(leader.high_watermark(), 100);
  ASSERT_TRUE(leader.fetched(fetch(3, 105), 3));
  EXPECT_EQ(leader.high_watermark(), 105);
  ASSERT_TRUE(leader.fetched(fetch(3, 110), 4));
  EXPECT_EQ(leader.high_watermark(), 110);
}

TEST(PartitionLeader, IsFollowedWhileAnotherOfTheIsrFetches) {
  Leader leader = leader_of({1, 2});
  EXPECT_FALSE(leader.is_followed(0)) << "nobody has fetched in this epoch";
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 10));
  EXPECT_FALSE(leader.is_followed(10)) << "broker 3 is not in the ISR";
  ASSERT_TRUE(leader.fetched(fetch(2, 100), 20));
  EXPECT_TRUE(leader.is_followed(1'020));
  EXPECT_FALSE(leader.is_followed(1'021));
  EXPECT_TRUE(leader_of({1}).is_followed(1'000'000)) << "there is nobody to wait for";
}

// Two fetches of a follower may have been sent before the question, and come after it.
TEST(PartitionLeader, IsConfirmedByWhatFollowersSendAfterAnAnswer) {
  Leader leader = leader_of({1, 2});
  leader.ask_followers(7);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(leader.fetched(fetch(2, 100), 1));
    EXPECT_LT(leader.confirmed(), 7);
    EXPECT_TRUE(leader.is_asked(2));
  }
  ASSERT_TRUE(leader.fetched(fetch(2, 100), 1));
  EXPECT_EQ(leader.confirmed(), 7);
  EXPECT_FALSE(leader.is_asked(2));
  EXPECT_TRUE(leader.is_asked(3)) << "it is not in the ISR, and may say so too";
  leader.ask_followers(8);
  EXPECT_EQ(leader.confirmed(), 7);
}

TEST(PartitionLeader, IsConfirmedByAllWhoMayBeInTheIsr) {
  Leader leader = leader_of({1, 2});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(leader.fetched(fetch(2, 100), 1));
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 1));
  ASSERT_TRUE(leader.is_changing_isr()) << "broker 3 is about to join";
  leader.ask_followers(1);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(leader.fetched(fetch(2, 100), 1));
  EXPECT_EQ(leader.confirmed(), 0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(leader.fetched(fetch(3, 100), 1));
  EXPECT_EQ(leader.confirmed(), 1);

  Leader alone = leader_of({1});
  alone.ask_followers(1);
  EXPECT_EQ(alone.confirmed(), 1) << "nobody else could lead";
}

TEST(PartitionLeader, DoesNotWaitForWhoIsOutOfTheIsrAndLagsBehind) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(3, 10), 1));
  leader.log_moved(110);
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 3));
  EXPECT_EQ(leader.high_watermark(), 110);
}

TEST(PartitionLeader, WaitsForWhoIsAboutToJoin) {
  Leader leader = leader_of({1, 2});
  FollowerFetch joining = fetch(3, 100);
  ASSERT_TRUE(leader.fetched(joining, 1));
  ASSERT_TRUE(leader.take_change());
  leader.log_moved(110);
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 3));
  EXPECT_EQ(leader.high_watermark(), 100) << "it may be a member by now";
  ASSERT_TRUE(leader.fetched(fetch(3, 110), 4));
  EXPECT_EQ(leader.high_watermark(), 110);
}

TEST(PartitionLeader, DoesNotWaitForWhoHasLeft) {
  Leader leader = leader_of({1, 2});
  FollowerFetch gone = fetch(3, 100);
  gone.broker_epoch = 10;
  ASSERT_TRUE(leader.fetched(gone, 1));
  const auto change = leader.take_change();
  ASSERT_TRUE(change);
  leader.answered(*change, fail(ErrorCode::ineligible_replica));
  leader.log_moved(110);
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 3));
  EXPECT_EQ(leader.high_watermark(), 100);
  leader.left(3);
  EXPECT_EQ(leader.high_watermark(), 110);
}

TEST(PartitionLeader, CommitsNothingBelowMinIsr) {
  Leader leader = leader_of({1}, 2);
  leader.log_moved(110);
  EXPECT_EQ(leader.high_watermark(), 100);
  EXPECT_FALSE(leader.has_enough_in_sync());
  leader.update(partition({1, 2}, 1), 2);
  EXPECT_EQ(leader.high_watermark(), 100) << "nobody knows what 2 has";
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 3));
  EXPECT_EQ(leader.high_watermark(), 110);
}

TEST(PartitionLeader, MinIsrAsksForNoMoreThanThereAreReplicas) {
  Leader leader({.self = 1}, partition({1}, 0, {1}), 2, {}, 0);
  EXPECT_TRUE(leader.has_enough_in_sync());
  leader.log_moved(7);
  EXPECT_EQ(leader.high_watermark(), 7);
}

TEST(PartitionLeader, CommitsNothingThatIsNotFlushedWhereThatCounts) {
  Leader leader({.self = 1}, partition({1}, 0, {1}), 1, {.end = 50, .stable_end = 40, .high_watermark = 30},
                0);
  EXPECT_EQ(leader.high_watermark(), 40);
  EXPECT_EQ(leader.epoch_start_offset(), 50);
  leader.log_moved(60);
  EXPECT_EQ(leader.high_watermark(), 60);
}

TEST(PartitionLeader, HighWatermarkNeverGoesBack) {
  Leader leader = leader_of({1, 2});
  leader.log_moved(110);
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 2));
  ASSERT_TRUE(leader.fetched(fetch(2, 90), 3));  // it lost its disk
  EXPECT_EQ(leader.high_watermark(), 110);
}

// Who joins the ISR.

TEST(PartitionLeader, AsksForAFollowerThatHasWhatIsCommitted) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(3, 99), 1));
  EXPECT_FALSE(leader.take_change());
  ASSERT_TRUE(leader.fetched(fetch(3, 100, 17), 2));
  const auto change = leader.take_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->isr, (std::vector<IsrChange::Member>{{1, -1}, {2, -1}, {3, 17}}));
  EXPECT_EQ(change->leader_epoch, 5);
  EXPECT_EQ(change->partition_epoch, 0);
  EXPECT_FALSE(leader.take_change()) << "asked once";
  EXPECT_EQ(leader.isr(), (Ids{1, 2}));
  EXPECT_EQ(leader.maximal_isr(), (Ids{1, 2, 3}));
}

TEST(PartitionLeader, AFollowerHasToReachThisEpoch) {
  Leader leader = leader_of({1, 2}, 1, 100, 50);  // what lies between may not survive
  ASSERT_TRUE(leader.fetched(fetch(3, 60), 1));
  EXPECT_FALSE(leader.take_change());
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 2));
  EXPECT_TRUE(leader.take_change());
}

TEST(PartitionLeader, AsksForNobodyWhoMayNotJoin) {
  Leader leader = leader_of({1, 2});
  FollowerFetch fenced = fetch(3, 100);
  fenced.is_eligible = false;
  ASSERT_TRUE(leader.fetched(fenced, 1));
  EXPECT_FALSE(leader.take_change());
}

TEST(PartitionLeader, FetchesOfStrangersAreRefused) {
  Leader leader = leader_of({1, 2, 3});
  EXPECT_EQ(leader.fetched(fetch(4, 100), 1).error().code, ErrorCode::unknown_leader_epoch);
  ASSERT_TRUE(leader.fetched(fetch(2, 100, 20), 1));
  EXPECT_EQ(leader.fetched(fetch(2, 110, 19), 2).error().code, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(leader.follower_end(2), 100);
}

// Who leaves it.

TEST(PartitionLeader, WhoIsNotCaughtUpForTooLongLeaves) {
  Leader leader = leader_of({1, 2, 3});
  leader.log_moved(110);
  ASSERT_TRUE(leader.fetched(fetch(2, 110), 10));
  leader.expire(lag_ms);
  EXPECT_FALSE(leader.take_change());
  ASSERT_TRUE(leader.fetched(fetch(2, 110), lag_ms));
  leader.expire(lag_ms + 1);
  const auto change = leader.take_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(ids(*change), (Ids{1, 2}));
  EXPECT_EQ(leader.high_watermark(), 100) << "3 counts until the controller has agreed";
  leader.answered(*change, Leader::Answer{5, 1, {1, 2}});
  EXPECT_EQ(leader.high_watermark(), 110);
  EXPECT_EQ(leader.isr(), (Ids{1, 2}));
}

TEST(PartitionLeader, WhoAlwaysHasWhatWasThereAtItsLastFetchStays) {
  Leader leader = leader_of({1, 2}, 1);
  for (int64_t now_ms = 1'000; now_ms < 4 * lag_ms; now_ms += 1'000) {
    const int64_t had = 100 + (now_ms - 1'000) / 1'000 * 10;
    leader.log_moved(had + 10);  // never at the end, always a fetch behind
    ASSERT_TRUE(leader.fetched(fetch(2, had), now_ms));
    leader.expire(now_ms);
    ASSERT_FALSE(leader.take_change()) << now_ms;
  }
}

TEST(PartitionLeader, AnIdleFollowerAtTheEndStays) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(2, 100), 1));
  leader.expire(10 * lag_ms);
  EXPECT_FALSE(leader.take_change());
}

// What the controller answers.

TEST(PartitionLeader, ARefusedMemberIsAskedForAgainLater) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 1));
  const auto change = leader.take_change();
  leader.answered(*change, fail(ErrorCode::ineligible_replica));
  EXPECT_EQ(leader.maximal_isr(), (Ids{1, 2}));
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 3));
  EXPECT_TRUE(leader.take_change());
}

TEST(PartitionLeader, ALostRequestIsSentAgain) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 1));
  const auto change = leader.take_change();
  leader.answered(*change, fail(ErrorCode::network_exception));
  EXPECT_EQ(leader.take_change(), change);
}

TEST(PartitionLeader, WhatItAsksFromOldMetadataWaitsForNewer) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 1));
  const auto change = leader.take_change();
  leader.answered(*change, fail(ErrorCode::invalid_update_version));
  EXPECT_FALSE(leader.take_change());
  EXPECT_EQ(leader.maximal_isr(), (Ids{1, 2, 3})) << "it may have come through";
  leader.update(partition({1}, 4), 3);
  EXPECT_EQ(leader.maximal_isr(), Ids{1});
}

TEST(PartitionLeader, TheMetadataMayBeFasterThanTheAnswer) {
  Leader leader = leader_of({1, 2});
  ASSERT_TRUE(leader.fetched(fetch(3, 100), 1));
  const auto first = leader.take_change();
  leader.update(partition({1, 2, 3}, 1), 2);
  leader.log_moved(110);
  leader.expire(3 + 2 * lag_ms);  // nobody fetched
  const auto second = leader.take_change();
  ASSERT_TRUE(second);
  leader.answered(*first, Leader::Answer{5, 1, {1, 2, 3}});
  leader.answered(*first, fail(ErrorCode::operation_not_attempted));
  EXPECT_EQ(leader.isr(), (Ids{1, 2, 3}));
  leader.answered(*second, Leader::Answer{5, 2, {1}});
  EXPECT_EQ(leader.isr(), Ids{1});
  EXPECT_EQ(leader.high_watermark(), 110);
}

TEST(PartitionLeader, OlderMetadataChangesNothing) {
  Leader leader = leader_of({1, 2});
  leader.update(partition({1, 2, 3}, 2), 1);
  leader.update(partition({1}, 1), 2);
  EXPECT_EQ(leader.isr(), (Ids{1, 2, 3}));
  EXPECT_EQ(leader.partition_epoch(), 2);
}

TEST(PartitionLeader, LowWatermarkIsTheLeastOfWhoIsAlive) {
  Leader leader = leader_of({1, 2});
  EXPECT_EQ(leader.low_watermark(50, Ids{1, 2, 3}), -1);
  FollowerFetch behind = fetch(2, 100);
  behind.log_start = 40;
  ASSERT_TRUE(leader.fetched(behind, 1));
  EXPECT_EQ(leader.low_watermark(50, Ids{1, 2}), 40);
  EXPECT_EQ(leader.low_watermark(50, Ids{1, 2, 3}), -1) << "in the ISR or not";
  EXPECT_EQ(leader.low_watermark(50, Ids{1}), 50);
  leader.left(2);
  EXPECT_EQ(leader.low_watermark(50, Ids{1, 2}), 50);
  ASSERT_TRUE(leader.fetched(behind, 2));
  EXPECT_EQ(leader.low_watermark(50, Ids{1, 2}), 40);
}

// KIP-392.
TEST(PartitionLeader, TheClosestReplicaHasWhatIsAskedForAndIsMostCaughtUp) {
  Leader leader = leader_of({1, 2, 3});
  EXPECT_EQ(leader.closest(Ids{2, 3}, 100), std::nullopt) << "nobody has told where it is";
  ASSERT_TRUE(leader.fetched(fetch(2, 90), 1));
  FollowerFetch begins_late = fetch(3, 95);
  begins_late.log_start = 50;
  ASSERT_TRUE(leader.fetched(begins_late, 1));
  EXPECT_EQ(leader.closest(Ids{2, 3}, 80), 3);
  EXPECT_EQ(leader.closest(Ids{2}, 80), 2);
  EXPECT_EQ(leader.closest(Ids{2, 3}, 40), 2) << "the other begins later";
  EXPECT_EQ(leader.closest(Ids{2, 3}, 96), std::nullopt);
  EXPECT_EQ(leader.closest(Ids{1, 2, 3}, 80), std::nullopt) << "the leader itself is near";
  EXPECT_EQ(leader.closest(Ids{9}, 80), std::nullopt);
  leader.update(partition({1, 2}, 1), 2);
  EXPECT_EQ(leader.closest(Ids{3}, 80), std::nullopt) << "it is not in the ISR any more";
}

/// Anything in any order: what is committed is in every log of the committed ISR, and stays committed.
TEST(PartitionLeader, CommittedIsWhatEveryMemberHasHad) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    SeededRng rng(seed);
    Leader leader = leader_of({1, 2, 3}, static_cast<int32_t>(1 + rng.below(3)));
    std::map<int32_t, int64_t> told{{2, -1}, {3, -1}};
    std::optional<IsrChange> change;
    int64_t now_ms = 0, end = 100, before = leader.high_watermark();
    int32_t partition_epoch = 0;
    for (int step = 0; step < 200; ++step) {
      now_ms += static_cast<int64_t>(rng.below(lag_ms / 4));
      switch (rng.below(6)) {
        case 0:
          leader.log_moved(end += static_cast<int64_t>(rng.below(20)));
          break;
        case 1:
        case 2: {
          const int32_t id = rng.below(2) == 0 ? 2 : 3;
          told[id] = std::min(end, std::max<int64_t>(told[id], 80) + static_cast<int64_t>(rng.below(30)));
          ASSERT_TRUE(leader.fetched(fetch(id, told[id]), now_ms));
          break;
        }
        case 3:
          leader.expire(now_ms);
          break;
        case 4:
          if (!change) change = leader.take_change();
          break;
        case 5:
          if (!change) break;
          if (rng.below(2) == 0)
            leader.answered(*change, Leader::Answer{5, ++partition_epoch, ids(*change)});
          else
            leader.answered(*change, fail(ErrorCode::ineligible_replica));
          change.reset();
      }
      ASSERT_GE(leader.high_watermark(), before);
      for (const int32_t id : leader.isr()) {
        const bool must_have_it = id != 1 && leader.high_watermark() > before;
        ASSERT_TRUE(!must_have_it || told[id] >= leader.high_watermark())
            << "replica " << id << ", step " << step;
      }
      before = leader.high_watermark();
    }
  }
}

}  // namespace
}  // namespace kt::partition
