#include "libbroker/consuming/positions.h"

#include <gtest/gtest.h>

namespace kt::consuming {
namespace {

const TopicPartition t0{"t", 0}, t1{"t", 1};

TEST(Positions, BeginsAtTheCommittedOffset) {
  Positions positions({});
  positions.assign({t0});
  const auto asked = positions.to_look_up(0);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].partition, t0);
  EXPECT_TRUE(positions.to_look_up(0).empty());  // asked once
  EXPECT_FALSE(positions.position(t0));
  positions.looked_up(asked[0], OffsetAndEpoch{42, 3});
  const auto fetch = positions.to_fetch(0);
  ASSERT_EQ(fetch.size(), 1u);
  EXPECT_EQ(fetch[0].offset, 42);
  EXPECT_EQ(fetch[0].last_epoch, 3);
}

TEST(Positions, WithoutACommittedOffsetThePolicyDecides) {
  Positions earliest({.reset = Reset::earliest});
  earliest.assign({t0});
  earliest.looked_up(earliest.to_look_up(0).at(0), std::nullopt);
  const auto asks = earliest.to_reset(0);
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].timestamp, earliest_timestamp);
  earliest.found(asks[0], 5, 1);
  EXPECT_EQ(earliest.to_fetch(0).at(0).offset, 5);

  Positions none({.reset = Reset::none});
  none.assign({t0});
  none.looked_up(none.to_look_up(0).at(0), std::nullopt);
  EXPECT_EQ(none.take_errors().at(0).message, "Undefined offset with no reset policy for partitions: [t-0]");
  EXPECT_TRUE(none.to_reset(0).empty());
}

TEST(Positions, WithoutAGroupNothingIsLookedUp) {
  Positions positions({.has_group = false});
  positions.assign({t0});
  EXPECT_TRUE(positions.to_look_up(0).empty());
  EXPECT_EQ(positions.to_reset(0).at(0).timestamp, latest_timestamp);
}

TEST(Positions, FailedAsksAreRepeatedAfterABackoff) {
  Positions positions({.retry_backoff_ms = 100});
  positions.assign({t0});
  positions.ask_failed(t0, positions.to_look_up(0).at(0).token, 10);
  EXPECT_EQ(positions.deadline_ms(10), 110);
  EXPECT_TRUE(positions.to_look_up(109).empty());
  EXPECT_EQ(positions.to_look_up(110).size(), 1u);
}

// The group's other members have committed since: it went back to where it had been, and read all of that
// again.
TEST(Positions, AnAnswerFromBeforeThePartitionWasTakenAwayIsNone) {
  Positions positions({});
  positions.assign({t0});
  const auto early = positions.to_look_up(0).at(0);
  positions.assign({});
  positions.assign({t0});
  const auto late = positions.to_look_up(0).at(0);
  positions.looked_up(early, OffsetAndEpoch{42, 3});
  EXPECT_FALSE(positions.position(t0));
  positions.ask_failed(t0, early.token, 0);
  EXPECT_TRUE(positions.to_look_up(10'000).empty()) << "it is asked already";
  positions.looked_up(late, OffsetAndEpoch{50, 3});
  EXPECT_EQ(positions.position(t0)->offset, 50);
}

class ReadyPositions : public testing::Test {
 protected:
  ReadyPositions() {
    positions.assign({t0});
    EXPECT_TRUE(positions.seek(t0, 10, 1));
  }
  Positions::Fetch fetch() {
    const auto wanted = positions.to_fetch(0);
    EXPECT_EQ(wanted.size(), 1u);
    positions.fetching(t0);
    return wanted.at(0);
  }
  Positions positions{{.reset = Reset::earliest, .retry_backoff_ms = 100}};
};

TEST_F(ReadyPositions, FetchesAheadOfWhatWasConsumed) {
  const auto first = fetch();
  EXPECT_TRUE(positions.to_fetch(0).empty());  // one at a time
  EXPECT_TRUE(positions.fetched(first, 20, 2, 0));
  EXPECT_EQ(positions.position(t0), (OffsetAndEpoch{10, 1}));
  EXPECT_EQ(fetch().offset, 20);
  positions.consumed(t0, first.token, 15, 2);
  EXPECT_EQ(positions.positions(), (std::map<TopicPartition, OffsetAndEpoch>{{t0, {15, 2}}}));
}

TEST_F(ReadyPositions, ASeekMakesWhatWasFetchedHistory) {
  const auto before = fetch();
  EXPECT_TRUE(positions.seek(t0, 100));
  EXPECT_FALSE(positions.fetched(before, 20, 1, 0));
  positions.consumed(t0, before.token, 20, 1);
  EXPECT_EQ(positions.position(t0)->offset, 100);
  EXPECT_EQ(fetch().offset, 100);
}

TEST_F(ReadyPositions, ALateResetDoesNotUndoASeek) {
  EXPECT_TRUE(positions.seek_to_time(t0, 1234));
  const auto ask = positions.to_reset(0).at(0);
  EXPECT_TRUE(positions.seek(t0, 7));
  positions.found(ask, 99, 0);
  EXPECT_EQ(positions.position(t0)->offset, 7);
}

TEST_F(ReadyPositions, ATimeAfterTheLastRecordIsTheEnd) {
  EXPECT_TRUE(positions.seek_to_time(t0, 1234));
  positions.found(positions.to_reset(0).at(0), -1, -1);
  EXPECT_EQ(positions.to_reset(0).at(0).timestamp, latest_timestamp);
}

TEST_F(ReadyPositions, PausedPartitionsAreNotFetched) {
  EXPECT_TRUE(positions.pause(t0, true));
  EXPECT_TRUE(positions.to_fetch(0).empty());
  EXPECT_TRUE(positions.pause(t0, false));
  EXPECT_EQ(positions.to_fetch(0).size(), 1u);
  EXPECT_FALSE(positions.pause(t1, true));
}

TEST_F(ReadyPositions, OutOfRangeResetsByPolicy) {
  positions.refused(fetch(), ErrorCode::offset_out_of_range, 0);
  EXPECT_EQ(positions.to_reset(0).at(0).timestamp, earliest_timestamp);
}

TEST_F(ReadyPositions, AStaleLeaderAsksForMetadataAndBacksOff) {
  positions.refused(fetch(), ErrorCode::not_leader_or_follower, 0);
  EXPECT_TRUE(positions.take_stale_metadata());
  EXPECT_TRUE(positions.to_fetch(99).empty());
  EXPECT_EQ(positions.to_fetch(100).size(), 1u);
}

TEST_F(ReadyPositions, AnErrorThatStaysIsToldOnceUntilASeek) {
  positions.refused(fetch(), ErrorCode::topic_authorization_failed, 0);
  EXPECT_EQ(positions.take_errors().at(0).code, ErrorCode::topic_authorization_failed);
  EXPECT_TRUE(positions.to_fetch(1000).empty());
  EXPECT_TRUE(positions.seek(t0, 0));
  EXPECT_EQ(positions.to_fetch(1000).size(), 1u);
}

TEST_F(ReadyPositions, ATruncatedLogMovesThePositionBack) {
  positions.diverged(fetch(), 0, 4);
  const auto again = fetch();
  EXPECT_EQ(again.offset, 4);
  EXPECT_EQ(again.last_epoch, 0);
}

TEST_F(ReadyPositions, WhatTheCallerWasNotGivenIsFetchedAgainAfterATruncation) {
  const auto first = fetch();
  positions.fetching(t0);
  ASSERT_TRUE(positions.fetched(first, 30, 2, 0));
  positions.diverged(fetch(), 0, 20);
  EXPECT_FALSE(positions.is_current(t0, first.token)) << "some of it is no more";
  EXPECT_EQ(positions.position(t0)->offset, 10);
  EXPECT_EQ(fetch().offset, 10);
}

TEST(Positions, NothingIsTruncatedThatTheCallerHas) {
  Positions positions({.reset = Reset::none});
  positions.assign({t0});
  positions.looked_up(positions.to_look_up(0).at(0), OffsetAndEpoch{10, 5});
  positions.diverged(positions.to_fetch(0).at(0), 3, 20);
  EXPECT_TRUE(positions.take_errors().empty());
  EXPECT_EQ(positions.to_fetch(0).at(0).offset, 10);
  EXPECT_EQ(positions.to_fetch(0).at(0).last_epoch, 3);
}

TEST_F(ReadyPositions, OutOfRangeWaitsUntilAllThatIsHereHasBeenGiven) {
  const auto first = fetch();
  positions.fetching(t0);
  ASSERT_TRUE(positions.fetched(first, 30, 2, 0));
  positions.refused(fetch(), ErrorCode::offset_out_of_range, 0);
  EXPECT_TRUE(positions.to_reset(0).empty());
  positions.consumed(t0, first.token, 30, 2);
  positions.refused(positions.to_fetch(100).at(0), ErrorCode::offset_out_of_range, 100);
  EXPECT_EQ(positions.to_reset(100).size(), 1u);
}

// The leader's epoch need not have a record, and other replicas not know it.
TEST_F(ReadyPositions, WhereALogEndsIsNotOfARecord) {
  positions.refused(fetch(), ErrorCode::offset_out_of_range, 0);
  positions.found(positions.to_reset(0).at(0), 40, 7);
  const auto next = fetch();
  EXPECT_EQ(next.last_epoch, -1);
  EXPECT_EQ(next.leader_epoch_min, 7);
}

TEST_F(ReadyPositions, AnotherAssignmentKeepsWhatStays) {
  positions.assign({t0, t1});
  EXPECT_EQ(positions.position(t0)->offset, 10);
  const auto asked = positions.to_look_up(0);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].partition, t1);
  positions.assign({t1});
  EXPECT_FALSE(positions.position(t0));
}

}  // namespace
}  // namespace kt::consuming
