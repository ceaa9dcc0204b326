#include "libbroker/consuming/membership.h"

#include <gtest/gtest.h>

#include "libbroker/consuming/protocol.h"

namespace kt::consuming {
namespace {

using Partitions = std::set<TopicPartition>;
using wire::JoinGroupRequest, wire::JoinGroupResponse, wire::SyncGroupRequest, wire::SyncGroupResponse,
    wire::HeartbeatRequest;

class MembershipTest : public testing::Test {
 protected:
  explicit MembershipTest(const char* assignor = "range")
      : assignor(assignor),
        membership({.group_id = "g", .assignors = {find_assignor(assignor)}, .heartbeat_interval_ms = 100}) {
    membership.polled(0);
    membership.subscribe({"t"});
  }
  template <class A>
  A expect(int64_t now_ms = 0) {
    auto action = membership.poll(now_ms, true);
    EXPECT_TRUE(std::holds_alternative<A>(action)) << "action " << action.index();
    return std::holds_alternative<A>(action) ? std::get<A>(action) : A{};
  }
  void expect_nothing(int64_t now_ms = 0) { expect<std::monostate>(now_ms); }
  JoinGroupResponse joined(int32_t generation, std::string leader = "other") const {
    return {.generation_id = generation, .protocol_name = assignor, .leader = leader, .member_id = "me"};
  }
  static SyncGroupResponse synced(const std::vector<TopicPartition>& partitions) {
    return {.assignment = encode_assignment(partitions)};
  }
  void become_stable(std::vector<TopicPartition> partitions, int64_t now_ms = 0) {
    expect<JoinGroupRequest>(now_ms);
    membership.on_join(joined(++generation), now_ms);
    expect<SyncGroupRequest>(now_ms);
    membership.on_sync(synced(partitions), now_ms);
  }
  void beat(ErrorCode code, int64_t now_ms) {
    expect<HeartbeatRequest>(now_ms);
    membership.on_heartbeat(wire::HeartbeatResponse{.error_code = code}, now_ms);
  }

  const char* const assignor;
  int32_t generation = 0;
  Membership membership;
};

TEST_F(MembershipTest, JoinsWithTheIdItIsGiven) {
  EXPECT_EQ(expect<JoinGroupRequest>().member_id, "");
  membership.on_join(JoinGroupResponse{.error_code = ErrorCode::member_id_required, .member_id = "me"}, 0);
  EXPECT_EQ(expect<JoinGroupRequest>().member_id, "me");
  membership.on_join(joined(1), 0);
  const auto sync = expect<SyncGroupRequest>();
  EXPECT_EQ(sync.generation_id, 1);
  EXPECT_TRUE(sync.assignments.empty());
  membership.on_sync(synced({{"t", 0}}), 0);
  EXPECT_EQ(expect<Assigned>().added, (Partitions{{"t", 0}}));
  EXPECT_TRUE(membership.is_stable());
  expect_nothing();
}

TEST_F(MembershipTest, TheLeaderDividesWhatTheGroupWants) {
  expect<JoinGroupRequest>();
  auto response = joined(1, "me");
  response.members = {{.member_id = "me", .metadata = encode_subscription({.topics = {"t"}})},
                      {.member_id = "you", .metadata = encode_subscription({.topics = {"t", "u"}})}};
  membership.on_join(response, 0);
  EXPECT_EQ(expect<AskCounts>().topics, (std::set<std::string>{"t", "u"}));
  membership.counted({{"t", 2}, {"u", 1}});
  const auto sync = expect<SyncGroupRequest>();
  ASSERT_EQ(sync.assignments.size(), 2u);
  EXPECT_EQ(decode_assignment(sync.assignments[1].assignment),
            (std::vector<TopicPartition>{{"t", 1}, {"u", 0}}));
  membership.on_sync(synced({{"t", 0}}), 0);
  expect<Assigned>();
  membership.counts_changed({{"t", 2}, {"u", 1}, {"v", 9}});
  expect_nothing();
  membership.counts_changed({{"t", 3}, {"u", 1}});
  EXPECT_EQ(expect<Revoke>().partitions, (Partitions{{"t", 0}}));
}

TEST_F(MembershipTest, EagerMembersGiveUpEverythingBeforeTheyJoinAgain) {
  become_stable({{"t", 0}, {"t", 1}});
  expect<Assigned>();
  beat(ErrorCode::rebalance_in_progress, 100);
  const auto revoke = expect<Revoke>(100);
  EXPECT_EQ(revoke.partitions.size(), 2u);
  EXPECT_FALSE(revoke.lost);
  expect_nothing(100);
  membership.revoked();
  EXPECT_EQ(expect<JoinGroupRequest>(100).member_id, "me");
}

TEST_F(MembershipTest, NothingIsTakenWhileTheCallerIsBusyButTheSessionLives) {
  become_stable({{"t", 0}});
  expect<Assigned>();
  membership.rejoin();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(membership.poll(50, false)));
  EXPECT_TRUE(std::holds_alternative<HeartbeatRequest>(membership.poll(100, false)));
}

TEST_F(MembershipTest, AForgottenMemberHasLostItsPartitions) {
  become_stable({{"t", 0}});
  expect<Assigned>();
  beat(ErrorCode::unknown_member_id, 100);
  EXPECT_TRUE(expect<Revoke>(100).lost);
  membership.revoked();
  const auto join = expect<JoinGroupRequest>(100);
  EXPECT_EQ(join.member_id, "");
  EXPECT_EQ(decode_subscription(join.protocols.at(0).metadata).generation_id, -1);
}

TEST_F(MembershipTest, AnOldGenerationKeepsTheMemberId) {
  expect<JoinGroupRequest>();
  membership.on_join(joined(1), 0);
  expect<SyncGroupRequest>();
  membership.on_sync(fail(ErrorCode::illegal_generation), 0);
  EXPECT_EQ(expect<JoinGroupRequest>().member_id, "me");
}

TEST_F(MembershipTest, TriesAgainAfterABackoffWhenTheCoordinatorIsGone) {
  expect<JoinGroupRequest>();
  membership.on_join(fail(ErrorCode::not_coordinator), 10);
  expect_nothing(109);
  EXPECT_EQ(membership.deadline_ms(true), 110);
  expect<JoinGroupRequest>(110);
}

// A loop that waits for it would not stop asking.
TEST_F(MembershipTest, HasNothingToDoByItselfWhileItMayNotJoinAgain) {
  become_stable({{"t", 0}});
  expect<Assigned>();
  beat(ErrorCode::unknown_member_id, 100);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(membership.poll(100, false)));
  EXPECT_GT(membership.deadline_ms(false), 100);
  EXPECT_LE(membership.deadline_ms(true), 100);
}

TEST_F(MembershipTest, FailsForGood) {
  expect<JoinGroupRequest>();
  membership.on_join(JoinGroupResponse{.error_code = ErrorCode::group_max_size_reached}, 0);
  EXPECT_EQ(membership.failure().message,
            "Consumer group g already has the configured maximum number of members.");
  expect_nothing(10'000);
}

TEST_F(MembershipTest, LeavesWhenNobodyPollsAndComesBackWhenSomebodyDoes) {
  become_stable({{"t", 0}});
  expect<Assigned>();
  beat(ErrorCode::none, 300'000);
  auto action = membership.poll(300'001, false);
  ASSERT_TRUE(std::holds_alternative<wire::LeaveGroupRequest>(action));
  EXPECT_EQ(std::get<wire::LeaveGroupRequest>(action).member_id, "me");
  expect_nothing(300'001);
  membership.polled(400'000);
  EXPECT_TRUE(expect<Revoke>(400'000).lost);
  membership.revoked();
  EXPECT_EQ(expect<JoinGroupRequest>(400'000).member_id, "");
}

TEST_F(MembershipTest, OtherTopicsMeanAnotherRound) {
  become_stable({{"t", 0}});
  expect<Assigned>();
  membership.subscribe({"t"});
  expect_nothing();
  membership.subscribe({"u"});
  expect<Revoke>();
  membership.revoked();
  EXPECT_EQ(decode_subscription(expect<JoinGroupRequest>().protocols.at(0).metadata).topics,
            (std::vector<std::string>{"u"}));
}

TEST_F(MembershipTest, StaticMembersDoNotLeave) {
  become_stable({{"t", 0}});
  EXPECT_TRUE(membership.leave());
  Membership settled({.group_id = "g", .instance_id = "i", .assignors = {find_assignor("range")}});
  settled.subscribe({"t"});
  settled.poll(0, true);
  settled.on_join(joined(1), 0);
  EXPECT_FALSE(settled.leave());
}

TEST(Membership, IsCooperativeWhenAllItsAssignorsAre) {
  const Assignor* sticky = find_assignor("cooperative-sticky");
  EXPECT_FALSE(Membership({.group_id = "g", .assignors = default_assignors()}).is_cooperative());
  EXPECT_TRUE(Membership({.group_id = "g", .assignors = {sticky}}).is_cooperative());
}

TEST(Membership, OffersRangeAndThenCooperativeStickyByDefault) {
  Membership membership({.group_id = "g", .assignors = default_assignors()});
  membership.subscribe({"t"});
  const auto join = std::get<JoinGroupRequest>(membership.poll(0, true));
  ASSERT_EQ(join.protocols.size(), 2u);
  EXPECT_EQ(join.protocols[0].name, "range");
  EXPECT_EQ(join.protocols[1].name, "cooperative-sticky");
}

class StickyMembershipTest : public MembershipTest {
 protected:
  StickyMembershipTest() : MembershipTest("sticky") {}
};

TEST_F(StickyMembershipTest, TellsWhatItHadAfterItGaveItUp) {
  EXPECT_TRUE(decode_subscription(expect<JoinGroupRequest>().protocols.at(0).metadata).user_data.is_null());
  membership.on_join(joined(++generation), 0);
  expect<SyncGroupRequest>();
  membership.on_sync(synced({{"t", 0}, {"t", 1}}), 0);
  expect<Assigned>();
  membership.rejoin();
  EXPECT_EQ(expect<Revoke>().partitions.size(), 2u);
  membership.revoked();
  const auto told = decode_subscription(expect<JoinGroupRequest>().protocols.at(0).metadata);
  EXPECT_TRUE(told.owned_partitions.empty());
  EXPECT_EQ(told.user_data, find_assignor("sticky")->user_data({{{{"t", 0}, {"t", 1}}}, 1}));
}

class CooperativeMembershipTest : public MembershipTest {
 protected:
  CooperativeMembershipTest() : MembershipTest("cooperative-sticky") {}
  wire::ConsumerProtocolSubscription join_again() {
    membership.rejoin();
    return decode_subscription(expect<JoinGroupRequest>().protocols.at(0).metadata);
  }
};

TEST_F(CooperativeMembershipTest, KeepsWhatItHasAndGivesUpOnlyWhatIsTaken) {
  become_stable({{"t", 0}, {"t", 1}});
  expect<Assigned>();
  const auto told = join_again();  // nothing is revoked first
  EXPECT_EQ(flat(told.owned_partitions).size(), 2u);
  EXPECT_EQ(told.generation_id, 1);
  EXPECT_EQ(told.user_data, find_assignor("cooperative-sticky")->user_data({{}, 1}));
  membership.on_join(joined(2), 0);
  expect<SyncGroupRequest>();
  membership.on_sync(synced({{"t", 0}}), 0);
  EXPECT_EQ(expect<Revoke>().partitions, (Partitions{{"t", 1}}));
  EXPECT_EQ(membership.owned(), (Partitions{{"t", 0}, {"t", 1}}));  // until it is committed
  expect_nothing();
  membership.revoked();
  const auto assigned = expect<Assigned>();
  EXPECT_EQ(assigned.all, (Partitions{{"t", 0}}));
  EXPECT_TRUE(assigned.added.empty());
  const auto again = expect<JoinGroupRequest>();  // so that others can have what was given up
  const auto then_told = decode_subscription(again.protocols.at(0).metadata);
  EXPECT_EQ(flat(then_told.owned_partitions), (std::vector<TopicPartition>{{"t", 0}}));
  EXPECT_EQ(then_told.generation_id, 2);
}

TEST_F(CooperativeMembershipTest, ALeaderGivesWhatMovesInTheRoundAfterItWasGivenUp) {
  become_stable({{"t", 0}, {"t", 1}});
  expect<Assigned>();
  const auto mine = join_again();
  auto response = joined(2, "me");
  response.members = {{.member_id = "me", .metadata = encode_subscription(mine)},
                      {.member_id = "you", .metadata = encode_subscription({.topics = {"t"}})}};
  membership.on_join(response, 0);
  expect<AskCounts>();
  membership.counted({{"t", 2}});
  const auto sync = expect<SyncGroupRequest>();
  ASSERT_EQ(sync.assignments.size(), 2u);
  EXPECT_EQ(decode_assignment(sync.assignments[0].assignment), (std::vector<TopicPartition>{{"t", 0}}));
  EXPECT_TRUE(decode_assignment(sync.assignments[1].assignment).empty());
  membership.on_sync(SyncGroupResponse{.assignment = sync.assignments[0].assignment}, 0);
  expect<Revoke>();
  membership.revoked();
  expect<Assigned>();

  const auto told = decode_subscription(expect<JoinGroupRequest>().protocols.at(0).metadata);
  wire::ConsumerProtocolSubscription yours{.topics = {"t"}};
  yours.generation_id = 2;
  response = joined(3, "me");
  response.members = {{.member_id = "me", .metadata = encode_subscription(told)},
                      {.member_id = "you", .metadata = encode_subscription(yours)}};
  membership.on_join(response, 0);
  expect<AskCounts>();
  membership.counted({{"t", 2}});
  const auto second = expect<SyncGroupRequest>();
  EXPECT_EQ(decode_assignment(second.assignments[0].assignment), (std::vector<TopicPartition>{{"t", 0}}));
  EXPECT_EQ(decode_assignment(second.assignments[1].assignment), (std::vector<TopicPartition>{{"t", 1}}));
  membership.on_sync(SyncGroupResponse{.assignment = second.assignments[0].assignment}, 0);
  EXPECT_TRUE(expect<Assigned>().added.empty());
  expect_nothing();  // settled
}

TEST_F(CooperativeMembershipTest, GivesUpTopicsItNoLongerWantsBeforeItJoins) {
  become_stable({{"t", 0}, {"u", 0}});
  expect<Assigned>();
  membership.subscribe({"u"});
  EXPECT_EQ(expect<Revoke>().partitions, (Partitions{{"t", 0}}));
  membership.revoked();
  const auto told = decode_subscription(expect<JoinGroupRequest>().protocols.at(0).metadata);
  EXPECT_EQ(flat(told.owned_partitions), (std::vector<TopicPartition>{{"u", 0}}));
}

TEST_F(CooperativeMembershipTest, AForgottenMemberOwnsNothing) {
  become_stable({{"t", 0}});
  expect<Assigned>();
  beat(ErrorCode::unknown_member_id, 100);
  const auto revoke = expect<Revoke>(100);
  EXPECT_TRUE(revoke.lost);
  EXPECT_EQ(revoke.partitions, (Partitions{{"t", 0}}));
  membership.revoked();
  const auto told = decode_subscription(expect<JoinGroupRequest>(100).protocols.at(0).metadata);
  EXPECT_TRUE(told.owned_partitions.empty());
  EXPECT_EQ(told.generation_id, -1);
}

}  // namespace
}  // namespace kt::consuming
