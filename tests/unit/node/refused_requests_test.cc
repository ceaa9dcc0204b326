// Requests whose fields contradict each other: Kafka answers each thing asked for with INVALID_REQUEST.
#include <gtest/gtest.h>

#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/11_join_group.h"
#include "libbroker/wire/75_describe_topic_partitions.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

TEST(Refused, MetadataByIdBeforeIdsMeantAnything) {
  OneNode node;
  ASSERT_TRUE(node.start());
  wire::MetadataRequest request;
  request.topics = {{.topic_id = Uuid{1, 2}, .name = "by-id"}, {.name = "by-name"}};
  for (const int16_t version : {10, 11}) {
    const auto topics = node.ask<wire::MetadataResponse>(request, version).topics;
    ASSERT_EQ(topics.size(), 2u);
    EXPECT_EQ(topics[0].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(topics[0].topic_id, (Uuid{1, 2}));
    EXPECT_EQ(topics[1].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(topics[1].name, "by-name");
  }
  request.topics = {{.name = std::nullopt}};
  EXPECT_EQ(node.ask<wire::MetadataResponse>(request, 10).topics.at(0).name, "");
}

TEST(Refused, ACursorThatNobodyGave) {
  OneNode node;
  ASSERT_TRUE(node.start());
  using Cursor = wire::DescribeTopicPartitionsRequest::Cursor;
  wire::DescribeTopicPartitionsRequest request;
  request.topics = {{.name = "a"}, {.name = "b"}};
  const auto code = [&] {
    const auto response = node.ask<wire::DescribeTopicPartitionsResponse>(request, 0);
    return response.topics.empty() ? ErrorCode::none : response.topics.back().error_code;
  };
  request.cursor = Cursor{.topic_name = "other", .partition_index = 0};
  EXPECT_EQ(code(), ErrorCode::invalid_request);
  request.cursor = Cursor{.topic_name = "b", .partition_index = -1};
  EXPECT_EQ(code(), ErrorCode::invalid_request);
  request.cursor = Cursor{.topic_name = "b", .partition_index = 0};
  EXPECT_EQ(code(), ErrorCode::unknown_topic_or_partition);
}

/// A node with its offsets topic.
class RefusedJoin : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node.start());
    wire::FindCoordinatorRequest find;
    find.coordinator_keys = {"g"};
    node.ask<wire::FindCoordinatorResponse>(find);
    node.world().run_for(1'000);
    join.group_id = "g";
    join.protocol_type = "consumer";
    join.protocols.push_back({.name = "range"});
  }
  OneNode node;
  wire::JoinGroupRequest join{.session_timeout_ms = 10'000, .rebalance_timeout_ms = 0};
};

// It would be kept in a record of the offsets topic, whose strings are shorter.
TEST_F(RefusedJoin, OfAGroupWhoseNameNoRecordCanHold) {
  join.group_id = std::string(40'000, 'g');
  join.group_instance_id = "x";
  EXPECT_FALSE(node.try_ask<wire::JoinGroupResponse>(join, 9));
  node.world().run_for(1'000);
  EXPECT_TRUE(node.try_ask<wire::MetadataResponse>(wire::MetadataRequest{}, 9));
}

TEST_F(RefusedJoin, NotOfAMemberWithTheLongestOfNamesWhoseIdIsCut) {
  join.group_instance_id = std::string(32'767, 'i');
  const auto joined = node.ask<wire::JoinGroupResponse>(join, 9);
  EXPECT_EQ(joined.error_code, ErrorCode::none);
  EXPECT_EQ(joined.member_id.size(), 32'767u);
}

}  // namespace
}  // namespace kt::node
