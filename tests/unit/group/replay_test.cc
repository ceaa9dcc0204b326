// What a coordinator makes of a log that was written before it came.
#include <algorithm>

#include "libbroker/group/log_format.h"
#include "tests/unit/group/driver.h"

namespace kt::group {
namespace {

const std::string cooperative = "cooperative-sticky";

// A rolling upgrade: with the record before it, the member would support range alone.
TEST(Replay, AMembersNewestProtocolCounts) {
  Driver d;
  const std::string a = d.stable_member();
  const Slice wanted = subscription({"t", "u"});
  d.join_with({{cooperative, wanted}, {"range", wanted}}, a);
  d.sync(a, 2, {{a, "all"}});
  ASSERT_EQ(d.describe().protocol_data, cooperative);
  d.fail_over();
  d.load_done();

  const auto described = d.describe();
  EXPECT_EQ(described.protocol_data, cooperative);
  ASSERT_EQ(described.members.size(), 1u);
  EXPECT_EQ(described.members[0].member_metadata, wanted);
  EXPECT_EQ(d.delete_offset("u"), ErrorCode::group_subscribed_to_topic);
  EXPECT_EQ(d.joined(d.join_with({{"range", wanted}}, "")).error_code,
            ErrorCode::inconsistent_group_protocol);
  const auto& invited = d.joined(d.join_with({{cooperative, wanted}}, ""));
  ASSERT_EQ(invited.error_code, ErrorCode::member_id_required);
  const Token joining = d.join_with({{cooperative, wanted}}, invited.member_id);
  d.join_with({{cooperative, wanted}}, a);
  EXPECT_EQ(d.joined(joining).generation_id, 3);
  EXPECT_EQ(d.joined(joining).protocol_name, cooperative);
}

TEST(Replay, AMembersNewestTopicsCount) {
  Driver d;
  const std::string a = d.stable_member();
  const Slice wanted = subscription({"u"});
  d.join_with({{"range", wanted}}, a);
  d.sync(a, 2, {{a, "all"}});
  d.fail_over();
  d.load_done();
  EXPECT_EQ(d.describe().members.at(0).member_metadata, wanted);
  EXPECT_EQ(d.delete_offset("t"), ErrorCode::none);
  EXPECT_EQ(d.delete_offset("u"), ErrorCode::group_subscribed_to_topic);
}

// Kafka writes such a tombstone when a group goes over to the consumer protocol, and its positions stay.
TEST(Replay, ATombstoneOfTheGroupLeavesItsPositions) {
  Driver d;
  d.commit(42);
  d.leave(d.stable_member());
  d.log.push_back(group_tombstone("g"));
  d.fail_over();
  d.load_done();
  EXPECT_EQ(d.committed(), 42);
  EXPECT_EQ(d.state(), "Empty");
  EXPECT_EQ(d.describe().protocol_type, "");
  d.now.wall_ms += 8 * int64_t{86'400'000};
  d.expire();
  EXPECT_EQ(d.committed(), -1);
  EXPECT_EQ(d.state(), "Dead") << "nothing of it is left";
}

TEST(Replay, ADeletedGroupHasNoPositions) {
  Driver d;
  d.commit(42);
  d.leave(d.stable_member());
  ASSERT_EQ(d.delete_group(), ErrorCode::none);
  EXPECT_EQ(d.state(), "Dead");
  EXPECT_EQ(std::ranges::count(d.log, offset_tombstone("g", {"t", 0})), 1);
  d.fail_over();
  d.load_done();
  EXPECT_EQ(d.committed(), -1);
  EXPECT_EQ(d.state(), "Dead");
}

TEST(Replay, AGroupThatHasBecomeTooLargeRebalances) {
  Driver d;
  const auto [a, b] = d.two_members();
  d.sync(a, 2, {{a, "mine"}, {b, "yours"}});
  d.fail_over({.initial_rebalance_delay_ms = 0, .group_size_max = 2});
  d.load_done();
  EXPECT_EQ(d.state(), "Stable");
  d.fail_over({.initial_rebalance_delay_ms = 0, .group_size_max = 1});
  d.load_done();
  EXPECT_EQ(d.state(), "PreparingRebalance");
  EXPECT_EQ(d.heartbeat(a, 2), ErrorCode::rebalance_in_progress);
  const Token first = d.join(b);
  EXPECT_EQ(d.joined(d.join(a)).error_code, ErrorCode::group_max_size_reached);
  EXPECT_EQ(d.joined(first).generation_id, 3);
}

}  // namespace
}  // namespace kt::group
