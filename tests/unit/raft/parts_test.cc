#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libbroker/raft/log_view.h"
#include "libbroker/raft/peers.h"
#include "libbroker/raft/replicas.h"
#include "libbroker/raft/vote_tally.h"
#include "libbroker/raft/voter_set.h"

namespace kt::raft {
namespace {

using testing::ElementsAre;

constexpr Uuid disk_a{1, 1}, disk_b{1, 2};

VoterSet voters_of(std::vector<int32_t> ids) {
  std::vector<Voter> voters;
  for (const int32_t id : ids) voters.push_back({.key = {id}});
  return VoterSet(voters);
}

TEST(VoterSet, KnowsItsVotersByNodeAndDirectory) {
  const VoterSet voters({{.key = {3, disk_a}}, {.key = {1}}});
  EXPECT_EQ(voters.all()[0].key.id, 1);
  EXPECT_EQ(voters.majority(), 2u);
  EXPECT_TRUE(voters.contains({1, disk_b}));  // a static set does not know directories
  EXPECT_TRUE(voters.contains({3, disk_a}));
  EXPECT_FALSE(voters.contains({3, disk_b}));
  EXPECT_FALSE(voters.contains({3}));
  EXPECT_FALSE(voters.contains({2}));
  EXPECT_FALSE(voters.is_only({1}));
  EXPECT_TRUE(voters_of({1}).is_only({1, disk_a}));
}

TEST(VoterHistory, ATruncationBringsTheOlderSetBack) {
  VoterHistory history({.voters = voters_of({1})});
  history.add(4, int16_t{1}, voters_of({1, 2}));
  history.add(9, std::nullopt, voters_of({1, 2, 3}));
  EXPECT_EQ(history.last().kraft_version, 1);
  EXPECT_EQ(history.voters().size(), 3u);
  history.truncate(10);
  EXPECT_EQ(history.voters().size(), 3u);
  history.truncate(9);
  EXPECT_EQ(history.last(), (VoterHistory::Entry{4, 1, voters_of({1, 2})}));
  history.truncate(0);
  EXPECT_EQ(history.last(), (VoterHistory::Entry{-1, 0, voters_of({1})}));
}

TEST(VoteTally, CountsVotersOnly) {
  VoteTally tally(voters_of({1, 2, 3, 4}));
  tally.record(1, true);
  tally.record(9, true);
  tally.record(2, true);
  EXPECT_FALSE(tally.is_won());
  EXPECT_FALSE(tally.is_lost());
  EXPECT_THAT(tally.unheard(), ElementsAre(ReplicaKey{3}, ReplicaKey{4}));
  VoteTally lost = tally;
  lost.record(3, false);
  EXPECT_FALSE(lost.is_lost());
  lost.record(4, false);
  EXPECT_TRUE(lost.is_lost());  // a tie is no majority
  tally.record(3, true);
  EXPECT_TRUE(tally.is_won());
  EXPECT_THAT(tally.granting(), ElementsAre(ReplicaKey{1}, ReplicaKey{2}, ReplicaKey{3}));
}

TEST(Peers, OneRequestAtATime) {
  Peers peers;
  EXPECT_EQ(peers.ready_at_ms(1), INT64_MIN);
  const uint64_t first = peers.begin(1, 100);
  const uint64_t second = peers.begin(2, 150);
  EXPECT_EQ(peers.ready_at_ms(1), 100);
  EXPECT_EQ(peers.finish(second), 2);
  EXPECT_EQ(peers.ready_at_ms(2), INT64_MIN);
  EXPECT_EQ(peers.finish(second), std::nullopt);
  const uint64_t third = peers.begin(1, 300);  // the first took too long
  EXPECT_EQ(peers.finish(first), std::nullopt);
  EXPECT_EQ(peers.finish(third), 1);
  peers.pause(1, 400);
  EXPECT_EQ(peers.ready_at_ms(1), 400);
  const uint64_t fourth = peers.begin(2, 500);
  peers.reset();
  EXPECT_EQ(peers.finish(fourth), std::nullopt);
  EXPECT_EQ(peers.ready_at_ms(1), INT64_MIN);
}

TEST(Replicas, AMajoritysEnd) {
  const VoterSet voters = voters_of({1, 2, 3});
  Replicas replicas({1}, 0);
  EXPECT_EQ(replicas.majority_end(voters, 10), -1);
  replicas.fetched({2, disk_a}, 7, 10, voters, 5);
  EXPECT_EQ(replicas.majority_end(voters, 10), 7);
  replicas.fetched({3, disk_a}, 9, 10, voters, 5);
  EXPECT_EQ(replicas.majority_end(voters, 10), 9);
  EXPECT_EQ(replicas.majority_end(voters, 8), 8);
  replicas.fetched({4, disk_a}, 10, 10, voters, 5);  // an observer does not count
  EXPECT_EQ(replicas.majority_end(voters, 8), 8);
  EXPECT_EQ(replicas.majority_end(voters_of({2, 3, 5}), 10), 7);  // nor does a leader that is no voter
  EXPECT_THAT(replicas.successors(voters), ElementsAre(ReplicaKey{3}, ReplicaKey{2}));
}

TEST(Replicas, AMajoritysLastFetch) {
  const VoterSet voters = voters_of({1, 2, 3, 4, 5});
  Replicas replicas({1}, 100);
  EXPECT_EQ(replicas.majority_heard_ms(voters, 500), 100);
  replicas.fetched({2}, 1, 1, voters, 300);
  EXPECT_EQ(replicas.majority_heard_ms(voters, 500), 100);
  replicas.heard({3}, voters, 400);
  EXPECT_EQ(replicas.majority_heard_ms(voters, 500), 300);
  EXPECT_EQ(replicas.last_heard_ms({3}), 400);
  EXPECT_EQ(replicas.last_heard_ms({4}), -1);
}

TEST(Replicas, CaughtUpWhenItHasWhatTheLeaderHadAtTheFetchBefore) {
  const VoterSet voters = voters_of({1, 2});
  Replicas replicas({1}, 0);
  replicas.fetched({2}, 0, 10, voters, 100);
  EXPECT_EQ(replicas.of({2}).last_caught_up_ms, -1);
  replicas.fetched({2}, 10, 20, voters, 200);
  EXPECT_EQ(replicas.of({2}).last_caught_up_ms, 100);
  replicas.fetched({2}, 20, 20, voters, 300);
  EXPECT_EQ(replicas.of({2}).last_caught_up_ms, 300);
  EXPECT_EQ(replicas.of({2}).last_fetch_ms, 300);
}

TEST(Replicas, SilentObserversAreForgotten) {
  const VoterSet voters = voters_of({1});
  Replicas replicas({1}, 0);
  replicas.fetched({7, disk_a}, 3, 3, voters, 1000);
  EXPECT_EQ(replicas.observers(voters, 2000).size(), 1u);
  EXPECT_EQ(replicas.observers(voters, 1000 + Replicas::observer_session_ms).size(), 0u);
  for (int32_t id = 0; id < 5000; ++id) replicas.fetched({100 + id}, 1, 1, voters, 2000);
  EXPECT_EQ(replicas.observers(voters, 2000).size(), Replicas::replicas_max);
}

/// Epoch 1 at 0..9, epoch 3 at 10..14, epoch 4 from 15 on, up to 20.
LogView three_epochs() {
  record::EpochCache epochs;
  epochs.assign(1, 0);
  epochs.assign(3, 10);
  epochs.assign(4, 15);
  return LogView({.epochs = epochs, .end_offset = 20});
}

using Kind = LogView::Match::Kind;

TEST(LogView, TellsWhereAFollowersLogDiffers) {
  const LogView log = three_epochs();
  const auto expect = [&](LogEnd follower, Kind kind, LogEnd at) {
    const auto match = log.match(follower);
    EXPECT_EQ(match.kind, kind) << follower.epoch << "@" << follower.offset;
    EXPECT_EQ(match.at, at) << follower.epoch << "@" << follower.offset;
  };
  expect({0, 0}, Kind::valid, {0, 0});
  expect({1, 10}, Kind::valid, {1, 10});
  expect({3, 12}, Kind::valid, {3, 12});
  expect({4, 20}, Kind::valid, {4, 20});
  expect({4, 21}, Kind::diverging, {4, 20});
  expect({1, 12}, Kind::diverging, {1, 10});
  expect({2, 12}, Kind::diverging, {1, 10});
  expect({9, 12}, Kind::diverging, {4, 20});
}

TEST(LogView, SendsToASnapshotWhoeverIsBehindItsStart) {
  LogView log = three_epochs();
  log.snapshot_taken({3, 12});
  EXPECT_EQ(log.match({0, 0}).kind, Kind::snapshot);  // also whoever has nothing at all
  EXPECT_EQ(log.match({1, 5}).kind, Kind::valid);
  log.trimmed({3, 12});
  EXPECT_EQ(log.match({3, 11}).kind, Kind::snapshot);
  EXPECT_EQ(log.match({1, 12}).kind, Kind::snapshot);
  EXPECT_EQ(log.match({2, 14}).kind, Kind::snapshot);
  EXPECT_EQ(log.match({3, 12}).kind, Kind::valid);
  EXPECT_EQ(log.match({1, 5}).at, (LogEnd{3, 12}));
}

TEST(LogView, FindsWhereItAgreesWithItsLeader) {
  const LogView log = three_epochs();
  EXPECT_EQ(log.agreed_end({3, 13}), 13);
  EXPECT_EQ(log.agreed_end({3, 99}), 15);
  EXPECT_EQ(log.agreed_end({2, 99}), 10);
  EXPECT_EQ(log.agreed_end({0, 5}), 0);
}

TEST(LogView, ALateFlushVouchesForNothingNewer) {
  LogView log = three_epochs();
  log.append(4, 5);
  const Flushed late = log.flush_wanted();
  EXPECT_FALSE(log.is_durable());
  log.truncate(18);
  EXPECT_TRUE(log.is_durable());
  log.append(5, 10);
  log.flushed(late);
  EXPECT_EQ(log.durable_end(), 18);
  log.flushed(log.flush_wanted());
  EXPECT_TRUE(log.is_durable());
  EXPECT_EQ(log.end(), (LogEnd{5, 28}));
}

TEST(LogView, BeginsAgainAtASnapshot) {
  LogView log = three_epochs();
  log.restart_at({7, 100});
  EXPECT_EQ(log.start(), (LogEnd{7, 100}));
  EXPECT_EQ(log.end(), (LogEnd{7, 100}));
  EXPECT_TRUE(log.is_durable());
  log.append(8, 1);
  EXPECT_EQ(log.match({7, 100}).kind, Kind::valid);
  EXPECT_EQ(log.end_of(7), (LogEnd{7, 100}));
}

}  // namespace
}  // namespace kt::raft
