#include "libcli/commands/topics/cluster_topics.h"

#include <gtest/gtest.h>

#include "libbroker/wire/46_list_partition_reassignments.h"
#include "tests/unit/cli/fake_session.h"

namespace kt::cli::topics {
namespace {

using Partition = TopicDescription::Partition;

TEST(ClusterTopics, APartitionThatMovesHasTheReplicasItHadUntilTheMoveEnds) {
  EXPECT_EQ((Partition{.replicas = {1, 2}}).replication_factor(), 2u);
  const TopicDescription::Move to_three{{1, 2, 3}, {2, 3}, {}};
  EXPECT_EQ((Partition{.replicas = {1, 2, 3}, .move = to_three}).replication_factor(), 1u);
  const TopicDescription::Move away{{2, 3, 1}, {2, 3}, {1}};
  EXPECT_EQ((Partition{.replicas = {2, 3, 1}, .move = away}).replication_factor(), 1u);
  EXPECT_EQ((Partition{.replicas = {4, 5}, .move = to_three}).replication_factor(), 2u)
      << "it has ended since";
}

class Moves : public testing::Test {
 protected:
  Moves() {
    fake_.brokers.add_broker(1);
    fake_.brokers.metadata.controller_id = 1;
  }
  void answer(wire::ListPartitionReassignmentsResponse response) {
    fake_.brokers.on<wire::ListPartitionReassignmentsRequest, wire::ListPartitionReassignmentsResponse>(
        [response](int32_t, const auto&, auto then) { then(response); });
  }
  ErrorCode described() {
    const auto done = describe_moves(fake_.session, topics_);
    return done ? ErrorCode::none : done.error().code;
  }

  FakeSession fake_;
  std::vector<TopicDescription> topics_ = {{.name = "t", .partitions = {{.index = 0}, {.index = 1}}}};
};

TEST_F(Moves, AreThoseOfTheirPartitions) {
  wire::ListPartitionReassignmentsResponse response;
  auto& topic = response.topics.emplace_back();
  topic.name = "t";
  topic.partitions.push_back({1, {1, 2}, {2}, {1}});
  answer(response);
  EXPECT_EQ(described(), ErrorCode::none);
  EXPECT_FALSE(topics_[0].partitions[0].move);
  ASSERT_TRUE(topics_[0].partitions[1].move);
  EXPECT_EQ(topics_[0].partitions[1].move->adding, std::vector<int32_t>{2});
  EXPECT_EQ(topics_[0].partitions[1].move->removing, std::vector<int32_t>{1});
}

TEST_F(Moves, OfAClusterWithoutSuchAQuestionAreNone) { EXPECT_EQ(described(), ErrorCode::none); }

TEST_F(Moves, NeedNotBeAllowedToBeKnown) {
  answer({.error_code = ErrorCode::cluster_authorization_failed});
  EXPECT_EQ(described(), ErrorCode::none);
  answer({.error_code = ErrorCode::request_timed_out});
  EXPECT_EQ(described(), ErrorCode::request_timed_out);
}

}  // namespace
}  // namespace kt::cli::topics
