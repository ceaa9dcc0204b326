// Classic groups against the statements G10-G28 of the semantics page.
#include "libbroker/group/coordinator.h"

#include "libbroker/group/log_format.h"
#include "tests/unit/group/driver.h"

namespace kt::group {
namespace {

TEST(Join, DynamicMemberGetsItsIdFirst) {
  Driver d;
  const auto& first = d.joined(d.join(""));
  EXPECT_EQ(first.error_code, ErrorCode::member_id_required);
  EXPECT_TRUE(first.member_id.starts_with("client-"));
  const auto& second = d.joined(d.join(first.member_id));
  EXPECT_EQ(second.error_code, ErrorCode::none);
  EXPECT_EQ(second.generation_id, 1);
  EXPECT_EQ(second.leader, first.member_id);
  EXPECT_EQ(second.members.size(), 1u);
  EXPECT_EQ(d.state(), "CompletingRebalance");
}

TEST(Join, OldVersionsEnterAtOnce) {
  Driver d;
  EXPECT_EQ(d.joined(d.join("", "", 3)).error_code, ErrorCode::none);
}

TEST(Join, RefusesUnknownMemberAndOddTimeout) {
  Driver d;
  EXPECT_EQ(d.joined(d.join("nobody")).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(d.state(), "Dead");  // and no group was made
}

TEST(Join, SecondMemberStartsARebalanceThatWaitsForTheFirst) {
  Driver d;
  const std::string a = d.stable_member();
  EXPECT_EQ(d.state(), "Stable");
  const std::string b = d.joined(d.join("")).member_id;
  const Token b_join = d.join(b);
  EXPECT_FALSE(d.answers.contains(b_join));
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::rebalance_in_progress);
  const Token a_join = d.join(a);
  EXPECT_EQ(d.joined(b_join).generation_id, 2);
  EXPECT_EQ(d.joined(a_join).members.size(), 2u);
  EXPECT_TRUE(d.joined(b_join).members.empty());

  const Token b_sync = d.sync(b, 2);
  EXPECT_FALSE(d.answers.contains(b_sync));
  d.sync(a, 2, {{a, "mine"}, {b, "yours"}});
  EXPECT_EQ(d.get<wire::SyncGroupResponse>(b_sync).assignment.text(), "yours");
  EXPECT_EQ(d.state(), "Stable");
}

// Kafka's coordinator throws there. A second member of the instance would be nobody's to find.
TEST(Join, AnIdThatWasGivenOutIsNotAStaticMembers) {
  Driver d;
  const std::string fixed = d.joined(d.join("", "i1")).member_id;
  d.sync(fixed, 1, {{fixed, "all"}});
  const std::string id = d.joined(d.join("")).member_id;
  const auto& refused = d.joined(d.join(id, "i1"));
  EXPECT_EQ(refused.error_code, ErrorCode::unknown_server_error);
  EXPECT_EQ(refused.member_id, id);
  EXPECT_EQ(d.describe().members.size(), 1u);
  d.join(id);  // it is not used up
  EXPECT_EQ(d.describe().members.size(), 2u);
}

TEST(Join, InitialDelayGathersMembers) {
  Driver d({.initial_rebalance_delay_ms = 3'000});
  const Token a = d.join("", "", 3);
  d.advance(2'000);
  const Token b = d.join("", "", 3);
  d.advance(1'000);  // put off once more, since somebody came
  EXPECT_FALSE(d.answers.contains(a));
  d.advance(3'000);
  EXPECT_EQ(d.joined(a).generation_id, 1);
  EXPECT_EQ(d.joined(b).generation_id, 1);
}

TEST(Session, SilentMemberIsDroppedAndTheRestRebalance) {
  Driver d;
  const std::string a = d.stable_member();
  d.advance(9'999);
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::none);
  d.advance(9'999);
  EXPECT_EQ(d.state(), "Stable");
  d.advance(1);
  EXPECT_EQ(d.state(), "Empty");
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::unknown_member_id);
}

TEST(Session, MemberThatNeverSyncsIsDropped) {
  Driver d;
  const std::string a = d.joined(d.join("")).member_id;
  d.join(a);
  for (int i = 0; i < 6; ++i) {
    d.advance(5'000);
    d.heartbeat(a, 1);
  }
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::unknown_member_id);
}

// The leader has synced, so the others can: who does not, holds its partitions and reads none.
TEST(Session, MemberThatNeverSyncsIsDroppedAlsoOnceItsLeaderHas) {
  Driver d;
  const auto [a, b] = d.two_members();
  d.sync(a, 2, {{a, "mine"}, {b, "yours"}});
  EXPECT_EQ(d.state(), "Stable");
  for (int i = 0; i < 5; ++i) {
    d.advance(5'000);
    d.heartbeat(a, 2);
    EXPECT_EQ(d.heartbeat(b, 2), ErrorCode::none);
  }
  d.advance(5'000);
  EXPECT_EQ(d.heartbeat(b, 2), ErrorCode::unknown_member_id);
  EXPECT_EQ(d.heartbeat(a, 2), ErrorCode::rebalance_in_progress);
}

// It waits for its assignment, so nobody asks it for a sign of life.
TEST(Session, ALeaderThatDiesBeforeItSyncsDoesNotTakeOthersAlong) {
  Driver d;
  const auto [a, b] = d.two_members();
  const Token waits = d.sync(b, 2);
  d.advance(10'000);
  EXPECT_EQ(d.get<wire::SyncGroupResponse>(waits).error_code, ErrorCode::rebalance_in_progress);
  EXPECT_EQ(d.heartbeat(a, 2), ErrorCode::unknown_member_id);
  EXPECT_EQ(d.joined(d.join(b)).generation_id, 3);
}

TEST(Session, BeginsWhenAllHasBeenLoaded) {
  Driver d;
  const std::string a = d.stable_member();
  d.fail_over();
  d.now.steady_ms += 10'001;
  d.load_done();
  d.advance(0);
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::none);
}

TEST(Session, DoesNotGoByTheTimeOfDay) {
  Driver d;
  const std::string a = d.stable_member();
  d.now.wall_ms += 3'600'000;  // the clock is set
  d.advance(9'999);
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::none);
  d.now.wall_ms -= 7'200'000;
  d.advance(10'000);
  EXPECT_EQ(d.state(), "Empty");
}

TEST(Static, NoTimeToRejoinIsNotTriedWithoutEnd) {
  Driver d;
  d.rebalance_timeout_ms = 0;
  const std::string fixed = d.joined(d.join("", "i1")).member_id;
  d.sync(fixed, 1, {{fixed, "all"}});
  const std::string b = d.joined(d.join("")).member_id;
  d.join(b);
  d.join(fixed, "i1");
  d.sync(fixed, 2, {{fixed, "a"}, {b, "b"}});
  d.leave(b);
  d.advance(1);
  EXPECT_EQ(d.state(), "PreparingRebalance");
}

TEST(Session, WhoSyncsLateIsNotDropped) {
  Driver d;
  const auto [a, b] = d.two_members();
  d.sync(a, 2, {{a, "mine"}, {b, "yours"}});
  EXPECT_EQ(d.get<wire::SyncGroupResponse>(d.sync(b, 2)).assignment.text(), "yours");
  for (int i = 0; i < 12; ++i) {
    d.advance(5'000);
    EXPECT_EQ(d.heartbeat(a, 2), ErrorCode::none);
    EXPECT_EQ(d.heartbeat(b, 2), ErrorCode::none);
  }
}

TEST(Describe, AssignmentsAreShownWhileMembersRejoin) {
  Driver d;
  const std::string a = d.stable_member();
  d.join(d.joined(d.join("")).member_id);
  const auto described = d.describe();
  EXPECT_EQ(described.group_state, "PreparingRebalance");
  ASSERT_EQ(described.members.size(), 2u);
  EXPECT_EQ(described.members[0].member_assignment.text(), "all");
  EXPECT_TRUE(described.members[0].member_metadata.bytes.empty());
}

TEST(Leave, OfAnUnknownGroupIsToldOfEachMember) {
  Driver d;
  d.leave("nobody");
  const auto& left = d.last<wire::LeaveGroupResponse>();
  EXPECT_EQ(left.error_code, ErrorCode::none);
  ASSERT_EQ(left.members.size(), 1u);
  EXPECT_EQ(left.members[0].error_code, ErrorCode::unknown_member_id);
}

TEST(Leave, LastMemberLeavesAnEmptyStoredGroup) {
  Driver d;
  d.leave(d.stable_member());
  EXPECT_EQ(d.state(), "Empty");
  d.fail_over();
  EXPECT_EQ(d.state(), "Empty");
}

TEST(Static, ReturnsToItsPlaceWithoutARebalance) {
  Driver d;
  const auto first = d.joined(d.join("", "i1"));
  EXPECT_EQ(first.error_code, ErrorCode::none);
  d.sync(first.member_id, 1, {{first.member_id, "all"}});
  const auto again = d.joined(d.join("", "i1"));
  EXPECT_NE(again.member_id, first.member_id);
  EXPECT_EQ(again.generation_id, 1);
  EXPECT_EQ(d.state(), "Stable");
  const Token synced = d.sync(again.member_id, 1);
  EXPECT_EQ(d.get<wire::SyncGroupResponse>(synced).assignment.text(), "all");
  EXPECT_EQ(d.heartbeat(first.member_id, 1), ErrorCode::unknown_member_id);
}

TEST(Static, WhoIsAbsentWhenAJoinCompletesHasItsSessionAnew) {
  Driver d;
  d.rebalance_timeout_ms = 8'000;
  const std::string fixed = d.joined(d.join("", "i1")).member_id;
  d.sync(fixed, 1, {{fixed, "all"}});
  const Token other = d.join("", "", 3);
  d.advance(8'000);
  ASSERT_EQ(d.joined(other).generation_id, 2);
  d.sync(d.joined(other).member_id, 2, {{fixed, "mine"}});
  d.advance(4'000);  // its last sign of life was longer ago than its session is long
  EXPECT_EQ(d.state(), "Stable");
  EXPECT_EQ(d.heartbeat(fixed, 2), ErrorCode::none);
}

TEST(Commit, ChecksGenerationAndMember) {
  Driver d;
  const std::string a = d.stable_member();
  EXPECT_EQ(d.commit(5, a, 1), ErrorCode::none);
  EXPECT_EQ(d.committed(), 5);
  EXPECT_EQ(d.commit(6, a, 7), ErrorCode::illegal_generation);
  EXPECT_EQ(d.commit(6, "other", 1), ErrorCode::unknown_member_id);
  EXPECT_EQ(d.commit(6), ErrorCode::unknown_member_id);  // an administrator, while members are here
  EXPECT_EQ(d.committed(), 5);
}

TEST(Commit, SimpleGroupSurvivesAFailover) {
  Driver d;
  EXPECT_EQ(d.commit(42), ErrorCode::none);
  d.fail_over();
  EXPECT_EQ(d.committed(), 42);
  EXPECT_EQ(d.state(), "Empty");
}

TEST(Commit, TopicsThatAreRefusedAreNotTheGroupsBusiness) {
  Driver d;
  const std::string a = d.stable_member();
  d.refused = ErrorCode::unknown_topic_or_partition;
  EXPECT_EQ(d.commit(6, a, 7), ErrorCode::unknown_topic_or_partition);
  d.refused = ErrorCode::none;
  EXPECT_EQ(d.commit(6, a, 7), ErrorCode::illegal_generation);
}

TEST(Commit, MetadataIsCountedAsJavaDoes) {
  Driver d({.initial_rebalance_delay_ms = 0, .offset_metadata_bytes_max = 4});
  d.metadata = "\u00e9\u00e9\u00e9\u00e9";  // 8 bytes
  EXPECT_EQ(d.commit(1), ErrorCode::none);
  d.metadata = "\U0001F600\U0001F600\U0001F600";  // 6 units
  EXPECT_EQ(d.commit(1), ErrorCode::offset_metadata_too_large);
}

TEST(Commit, FailedAppendChangesNothing) {
  Driver d;
  d.commit(1);
  d.append_error = ErrorCode::coordinator_not_available;
  EXPECT_EQ(d.commit(2), ErrorCode::coordinator_not_available);
  EXPECT_EQ(d.committed(), 1);
}

TEST(Sync, AssignmentThatCouldNotBeStoredStartsOver) {
  Driver d;
  const std::string a = d.joined(d.join("")).member_id;
  d.join(a);
  d.append_error = ErrorCode::coordinator_not_available;
  const Token synced = d.sync(a, 1, {{a, "all"}});
  EXPECT_EQ(d.get<wire::SyncGroupResponse>(synced).error_code, ErrorCode::coordinator_not_available);
  EXPECT_EQ(d.state(), "PreparingRebalance");
}

TEST(Sync, AnAppendOfSomethingElseThatFailsDoesNotStartOver) {
  Driver d;
  d.commit(1);
  d.two_members();
  ASSERT_EQ(d.state(), "CompletingRebalance");
  d.append_error = ErrorCode::coordinator_not_available;
  d.topic_deleted("t");
  EXPECT_EQ(d.state(), "CompletingRebalance");
}

TEST(Sync, WhoIsHereKeepsTheProtocolsThatWereNotChosen) {
  Driver d;
  const Driver::Protocols both = {{"range", subscription({"t"})}, {"sticky", subscription({"t"})}};
  const std::string a = d.joined(d.join_with(both, "", "", 3)).member_id;
  d.sync(a, 1, {{a, "all"}});
  EXPECT_EQ(d.describe().protocol_data, "range");
  EXPECT_EQ(d.joined(d.join_with({both[1]}, "")).error_code, ErrorCode::member_id_required);
}

TEST(OffsetDelete, TopicsOfAFirstRebalanceAreNotKnownYet) {
  Driver d({.initial_rebalance_delay_ms = 3'000});
  d.commit(1);
  d.join("", "", 3);
  ASSERT_EQ(d.state(), "PreparingRebalance");
  EXPECT_EQ(d.delete_offset("t"), ErrorCode::group_subscribed_to_topic);
  EXPECT_EQ(d.delete_offset("u"), ErrorCode::group_subscribed_to_topic);
  d.advance(3'000);
  EXPECT_EQ(d.delete_offset("t"), ErrorCode::group_subscribed_to_topic);
  EXPECT_EQ(d.delete_offset("u"), ErrorCode::none);
}

TEST(Failover, MembersGoOnWithoutNoticing) {
  Driver d;
  const std::string a = d.stable_member();
  d.commit(9, a, 1);
  d.fail_over();
  EXPECT_EQ(d.heartbeat(a, 1), ErrorCode::none);
  EXPECT_EQ(d.committed(), 9);
  EXPECT_EQ(d.get<wire::SyncGroupResponse>(d.sync(a, 1)).assignment.text(), "all");
}

TEST(Expiry, OffsetsOfAnEmptyGroupGoAfterRetentionAndTheGroupWithThem) {
  Driver d({.initial_rebalance_delay_ms = 0, .offsets_retention_ms = 1'000'000});
  const std::string a = d.stable_member();
  d.commit(9, a, 1);
  d.leave(a);
  d.now.wall_ms += 999'999;
  d.expire();
  EXPECT_EQ(d.committed(), 9);
  d.now.wall_ms += 1;
  d.expire();
  EXPECT_EQ(d.committed(), -1);
  EXPECT_EQ(d.state(), "Dead");
  d.fail_over();
  EXPECT_EQ(d.state(), "Dead");
}

// A group that was named once is there, and empty, until it is looked through.
TEST(Expiry, GroupsWithNothingInTheLogGoToo) {
  Driver d;
  d.join("");  // and never again with its id
  d.advance(10'000);
  EXPECT_EQ(d.state(), "Empty");
  d.expire();
  EXPECT_EQ(d.state(), "Dead");
}

std::string hex(const std::vector<std::byte>& bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += "0123456789abcdef"[std::to_integer<int>(b) >> 4];
    out += "0123456789abcdef"[std::to_integer<int>(b) & 15];
  }
  return out;
}

// Kafka takes an empty string for a leader, and then every rebalance waits for it.
TEST(LogFormat, AGroupWithoutMembersHasANullLeader) {
  Driver d;
  d.leave(d.stable_member());
  EXPECT_EQ(hex(*d.log.back().value).substr(0, 40), "0003" "0008" "636f6e73756d6572" "00000002" "ffff" "ffff");
}

TEST(LogFormat, OffsetCommitIsKafkasLayout) {
  const Record record = offset_record("g", {"t", 1}, {.offset = 2, .leader_epoch = 3, .metadata = "m", .commit_ms = 4});
  EXPECT_EQ(hex(record.key), "0001" "000167" "000174" "00000001");
  EXPECT_EQ(hex(*record.value), "0003" "0000000000000002" "00000003" "00016d" "0000000000000004");
}

}  // namespace
}  // namespace kt::group
