#include <gtest/gtest.h>

#include "libbroker/raft/raft.h"

namespace kt::raft {
namespace {

const ReplicaKey self{1, Uuid{7, 7}};
const std::vector<Endpoint> listeners{{"CONTROLLER", "localhost", 9093}};

Raft::Restored fresh(VoterHistory::Entry voters) {
  return {.ballot = {}, .log = LogView({}), .voters = VoterHistory(std::move(voters))};
}

VoterHistory::Entry static_voter() { return {.voters = VoterSet({{.key = {1}, .endpoints = listeners}})}; }
VoterHistory::Entry bootstrap_checkpoint() {
  return {.kraft_version = 1, .voters = VoterSet({{.key = self, .endpoints = listeners}})};
}

Options options() { return {.self = self, .cluster_id = "c", .listeners = listeners}; }

TEST(LoneVoter, LeadsInItsFirstStep) {
  Raft raft(options(), fresh(static_voter()), 100);
  EXPECT_EQ(raft.deadline_ms(), 100);
  const Effects effects = raft.step(Tick{}, 100);

  EXPECT_EQ(effects.persist, (Ballot{.epoch = 1, .voted_for = self, .leader_id = 1}));
  EXPECT_EQ(effects.leadership, (Leadership{.epoch = 1, .leader_id = 1, .epoch_start_offset = 0}));
  ASSERT_EQ(effects.append.size(), 1u);
  const auto& start = std::get<EpochStart>(effects.append[0]);
  EXPECT_EQ(start.base_offset, 0);
  EXPECT_EQ(start.leader_id, 1);
  EXPECT_EQ(start.voters, std::vector{ReplicaKey{1}});
  EXPECT_EQ(start.count(), 1);
  EXPECT_FALSE(effects.high_watermark);
  EXPECT_TRUE(effects.send.empty());
  ASSERT_TRUE(effects.flush);

  EXPECT_EQ(raft.step(*effects.flush, 101).high_watermark, 1);
  EXPECT_EQ(raft.deadline_ms(), INT64_MAX);
}

TEST(LoneVoter, PutsTheBootstrapCheckpointsVotersIntoTheLog) {
  Raft raft(options(), fresh(bootstrap_checkpoint()), 0);
  const Effects effects = raft.step(Tick{}, 0);
  const auto& start = std::get<EpochStart>(effects.append.at(0));
  EXPECT_EQ(start.kraft_version, 1);
  EXPECT_EQ(start.new_voters, bootstrap_checkpoint().voters);
  EXPECT_EQ(start.count(), 3);
  EXPECT_EQ(raft.log().end(), (LogEnd{1, 3}));
  EXPECT_EQ(raft.voters().last().offset, 2);
}

TEST(LoneVoter, CommitsWhatIsDurable) {
  Raft raft(options(), fresh(static_voter()), 0);
  raft.step(*raft.step(Tick{}, 0).flush, 0);
  const Effects first =
      raft.step(Propose{.token = 5, .epoch = 1, .records = Slice::view("ab"), .count = 2}, 1);
  ASSERT_EQ(first.proposed.size(), 1u);
  EXPECT_EQ(first.proposed[0].token, 5u);
  EXPECT_EQ(first.proposed[0].base_offset, 1);
  const auto& proposal = std::get<Proposal>(first.append.at(0));
  EXPECT_EQ(proposal.base_offset, 1);
  EXPECT_EQ(proposal.epoch, 1);
  EXPECT_EQ(proposal.records, Slice::view("ab"));
  EXPECT_EQ(raft.high_watermark(), 1);

  const Effects second = raft.step(Propose{.epoch = 1, .records = Slice::view("c"), .count = 1}, 1);
  EXPECT_EQ(raft.step(*first.flush, 2).high_watermark, 3);
  EXPECT_EQ(raft.step(*second.flush, 3).high_watermark, 4);
}

TEST(LoneVoter, RefusesWhatWasDecidedInAnotherEpoch) {
  Raft raft(options(), fresh(static_voter()), 0);
  raft.step(Tick{}, 0);
  const Effects effects =
      raft.step(Propose{.token = 1, .epoch = 0, .records = Slice::view("x"), .count = 1}, 0);
  ASSERT_EQ(effects.proposed.size(), 1u);
  EXPECT_EQ(effects.proposed[0].error, ErrorCode::not_leader_or_follower);
  EXPECT_TRUE(effects.append.empty());
}

TEST(LoneVoter, LeadsANewEpochAfterARestart) {
  record::EpochCache epochs;
  epochs.assign(4, 0);
  Raft::Restored restored{.ballot = {.epoch = 4, .voted_for = self, .leader_id = 1},
                          .log = LogView({.epochs = epochs, .end_offset = 10}),
                          .voters = VoterHistory(static_voter())};
  Raft raft(options(), std::move(restored), 0);
  const Effects effects = raft.step(Tick{}, 0);
  EXPECT_EQ(effects.persist, (Ballot{.epoch = 5, .voted_for = self, .leader_id = 1}));
  EXPECT_EQ(std::get<EpochStart>(effects.append.at(0)).base_offset, 10);
  EXPECT_EQ(raft.step(*effects.flush, 0).high_watermark, 11);
}

TEST(LoneVoter, StopsLeadingWhenAskedTo) {
  Raft raft(options(), fresh(static_voter()), 0);
  raft.step(Tick{}, 0);
  EXPECT_FALSE(raft.may_stop());
  raft.step(Resign{}, 5);
  EXPECT_FALSE(raft.is_leader());
  EXPECT_TRUE(raft.may_stop());
  raft.step(Tick{}, 100'000);
  EXPECT_FALSE(raft.is_leader());
}

TEST(LoneVoter, LeadsANewEpochAfterItHasGivenUpOne) {
  Raft raft(options(), fresh(static_voter()), 0);
  raft.step(Tick{}, 0);
  raft.step(Resign{.is_stopping = false}, 5);  // nobody else will
  EXPECT_TRUE(raft.is_leader());
  EXPECT_EQ(raft.epoch(), 2);
}

TEST(LoneVoter, DescribesItself) {
  Raft raft(options(), fresh(static_voter()), 0);
  EXPECT_EQ(raft.describe(0).error().code, ErrorCode::not_leader_or_follower);
  raft.step(*raft.step(Tick{}, 0).flush, 0);
  const auto description = raft.describe(9);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->leader_id, 1);
  EXPECT_EQ(description->high_watermark, 1);
  ASSERT_EQ(description->voters.size(), 1u);
  EXPECT_EQ(description->voters[0].end_offset, 1);
  EXPECT_EQ(description->voters[0].last_caught_up_ms, 9);
}

}  // namespace
}  // namespace kt::raft
