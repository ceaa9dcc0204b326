// What is said of positions where nobody coordinates their group, and whose word it is.
#include <gtest/gtest.h>

#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

/// A node that has the topic t and, since nobody asked for one, no coordinator.
class GroupRefusals : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node.start());
    node.create_topic("t");
  }
  static wire::OffsetCommitRequest committing(const std::vector<std::string>& topics) {
    wire::OffsetCommitRequest request{.group_id = "g", .generation_id_or_member_epoch = -1};
    for (const std::string& name : topics)
      request.topics.push_back({.name = name, .partitions = {{.partition_index = 0, .committed_offset = 3}}});
    return request;
  }
  std::vector<ErrorCode> commit(const std::vector<std::string>& topics, int16_t version = 9) {
    std::vector<ErrorCode> codes;
    for (const auto& topic : node.ask<wire::OffsetCommitResponse>(committing(topics), version).topics)
      for (const auto& partition : topic.partitions) codes.push_back(partition.error_code);
    return codes;
  }
  OneNode node;
};

TEST_F(GroupRefusals, TopicsThatAreRefusedHaveTheirOwnCode) {
  using enum ErrorCode;
  EXPECT_EQ(commit({"gone", "t"}), (std::vector{unknown_topic_or_partition, not_coordinator}));
  EXPECT_EQ(commit({"gone"}), std::vector{unknown_topic_or_partition});
  EXPECT_TRUE(commit({}).empty());
}

// That answer has no error but those of partitions: an empty one would say that nothing is committed.
TEST_F(GroupRefusals, AnOldFetchHearsOfItAtEveryPartition) {
  wire::OffsetFetchRequest request{.group_id = "g"};
  request.topics = {{.name = "t", .partition_indexes = {0, 1}}, {.name = "gone", .partition_indexes = {2}}};
  const auto old = node.ask<wire::OffsetFetchResponse>(request, 1);
  ASSERT_EQ(old.topics.size(), 2u);
  ASSERT_EQ(old.topics[0].partitions.size(), 2u);
  ASSERT_EQ(old.topics[1].partitions.size(), 1u);
  for (const auto& topic : old.topics) {
    for (const auto& partition : topic.partitions) {
      EXPECT_EQ(partition.error_code, ErrorCode::not_coordinator);
      EXPECT_EQ(partition.committed_offset, -1);
      EXPECT_EQ(partition.committed_leader_epoch, -1);
      EXPECT_EQ(partition.metadata, "");
    }
  }
  EXPECT_EQ(old.topics[1].partitions[0].partition_index, 2);

  const auto newer = node.ask<wire::OffsetFetchResponse>(request, 2);
  EXPECT_EQ(newer.error_code, ErrorCode::not_coordinator);
  EXPECT_TRUE(newer.topics.empty());
}

}  // namespace
}  // namespace kt::node
