#include "libbroker/consuming/assignor.h"

#include <gtest/gtest.h>

#include "libbroker/consuming/protocol.h"
#include "libbroker/wire/decoder.h"

namespace kt::consuming {
namespace {

/// "A: t0-0 t0-1; B: t1-0"
std::string text(const GroupAssignment& assignment) {
  std::string all;
  for (const auto& [member, partitions] : assignment) {
    if (!all.empty()) all += "; ";
    all += member + ":";
    for (const TopicPartition& p : partitions) all += " " + p.topic + "-" + std::to_string(p.partition);
  }
  return all;
}

GroupMember member(std::string id, std::vector<std::string> topics) {
  return {.id = std::move(id), .topics = std::move(topics)};
}

// The examples of Java's own documentation of these classes.
TEST(RangeAssignor, EachTopicInRunsTheFirstMembersGetTheRest) {
  const Assignor* range = find_assignor("range");
  EXPECT_EQ(
      text(range->assign({{"t0", 3}, {"t1", 3}}, {member("C0", {"t0", "t1"}), member("C1", {"t0", "t1"})})),
      "C0: t0-0 t0-1 t1-0 t1-1; C1: t0-2 t1-2");
  EXPECT_EQ(text(range->assign({{"t0", 1}}, {member("C0", {"t0"}), member("C1", {"t0"}), member("C2", {})})),
            "C0: t0-0; C1:; C2:");
}

TEST(RangeAssignor, StaticMembersComeFirstByInstanceId) {
  std::vector<GroupMember> members{member("a", {"t"}), member("b", {"t"}), member("c", {"t"})};
  members[1].instance_id = "z";
  members[2].instance_id = "y";
  EXPECT_EQ(text(find_assignor("range")->assign({{"t", 3}}, members)), "a: t-2; b: t-1; c: t-0");
}

TEST(RoundRobinAssignor, AllPartitionsInTurnPassingOverWhoDoesNotWant) {
  const Assignor* round_robin = find_assignor("roundrobin");
  EXPECT_EQ(text(round_robin->assign({{"t0", 3}, {"t1", 3}},
                                     {member("C0", {"t0", "t1"}), member("C1", {"t0", "t1"})})),
            "C0: t0-0 t0-2 t1-1; C1: t0-1 t1-0 t1-2");
  EXPECT_EQ(text(round_robin->assign(
                {{"t0", 1}, {"t1", 2}, {"t2", 3}},
                {member("C0", {"t0"}), member("C1", {"t0", "t1"}), member("C2", {"t0", "t1", "t2"})})),
            "C0: t0-0; C1: t1-0; C2: t1-1 t2-0 t2-1 t2-2");
}

TEST(Assignors, AreFoundByJavasClassNames) {
  EXPECT_EQ(find_assignor("org.apache.kafka.clients.consumer.RoundRobinAssignor"),
            find_assignor("roundrobin"));
  EXPECT_EQ(find_assignor("org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
            find_assignor("cooperative-sticky"));
  EXPECT_EQ(find_assignor("range")->name(), "range");
  EXPECT_EQ(find_assignor("best"), nullptr);
}

// What Kafka's assignors do not survive, or answer with partitions that are not there.
TEST(StickyAssignors, WhatIsNotThereOrNotWantedIsNotAssigned) {
  for (const char* name : {"sticky", "cooperative-sticky"}) {
    const Assignor* sticky = find_assignor(name);
    std::vector<GroupMember> members{member("a", {"t", "t", "u"}), member("b", {}), member("c", {"gone"})};
    members[0].owned = {{"t", -1}, {"t", 0}, {"t", 0}, {"t", 7}, {"v", 0}};
    members[0].generation = 3;
    members[0].user_data = Slice::copy("x");
    EXPECT_EQ(text(sticky->assign({{"t", 2}, {"u", 1}, {"w", 9}}, members)), "a: t-0 t-1 u-0; b:; c:")
        << name;
    EXPECT_TRUE(sticky->assign({{"t", 1}}, {}).empty());
    EXPECT_EQ(text(sticky->assign({}, members)), "a:; b:; c:");
  }
}

TEST(StickyAssignors, AMemberThatIsBackFromAnEarlierGenerationOwnsWhatNobodyElseDoes) {
  const Assignor* sticky = find_assignor("sticky");
  std::vector<GroupMember> members{member("a", {"t"}), member("b", {"t"})};
  members[0].user_data = sticky->user_data({{{{"t", 0}, {"t", 1}}}, 4});
  members[1].user_data = sticky->user_data({{{{"t", 1}, {"t", 2}}}, 5});
  members[1].generation = 5;
  EXPECT_EQ(text(sticky->assign({{"t", 4}}, members)), "a: t-0 t-3; b: t-1 t-2");
}

std::string hex(const Slice& bytes) {
  std::string text;
  for (const std::byte b : bytes.bytes) {
    constexpr char digits[] = "0123456789abcdef";
    text += digits[std::to_integer<int>(b) >> 4];
    text += digits[std::to_integer<int>(b) & 15];
  }
  return text;
}

// Written out by hand from ConsumerProtocolSubscription.json and ConsumerProtocolAssignment.json.
TEST(Protocol, SubscriptionAndAssignmentBytes) {
  wire::ConsumerProtocolSubscription subscription{.topics = {"t"}};
  subscription.owned_partitions = {{.topic = "t", .partitions = {7}}};
  subscription.generation_id = 5;
  EXPECT_EQ(hex(encode_subscription(subscription)),
            "0003"
            "00000001"
            "000174"
            "ffffffff"
            "00000001"
            "000174"
            "00000001"
            "00000007"
            "00000005"
            "ffff");
  EXPECT_EQ(hex(encode_assignment({{"t", 1}, {"u", 0}, {"t", 2}})),
            "0003"
            "00000002"
            "000174"
            "00000002"
            "00000001"
            "00000002"
            "000175"
            "00000001"
            "00000000"
            "ffffffff");
}

TEST(Protocol, ReadsOlderAndNewerVersions) {
  Slice bytes = encode_assignment({{"t", 1}});
  std::vector<std::byte> newer(bytes.bytes.begin(), bytes.bytes.end());
  newer[1] = std::byte{9};
  EXPECT_EQ(decode_assignment(Slice::own(newer)), (std::vector<TopicPartition>{{"t", 1}}));
  EXPECT_TRUE(decode_assignment(Slice::empty()).empty());
  EXPECT_THROW(decode_assignment(Slice::copy("x")), wire::DecodeError);
}

}  // namespace
}  // namespace kt::consuming
