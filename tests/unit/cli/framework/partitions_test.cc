#include "libcli/commands/framework/partitions.h"

#include <gtest/gtest.h>

#include "libbroker/wire/02_list_offsets.h"
#include "tests/unit/cli/fake_session.h"

namespace kt::cli {
namespace {

constexpr int64_t latest = -1;

class Partitions : public testing::Test {
 protected:
  Partitions() {
    for (const int32_t node : {1, 2}) fake_.brokers.add_broker(node);
    fake_.brokers.add_topic("orders", {1, 2});
    fake_.brokers.on<wire::ListOffsetsRequest, wire::ListOffsetsResponse>(
        [this](int32_t node, const wire::ListOffsetsRequest& request, auto answer) {
          ++asked_;
          wire::ListOffsetsResponse response;
          for (const auto& topic : request.topics) {
            response.topics.push_back({.name = topic.name});
            for (const auto& p : topic.partitions) {
              if (p.partition_index == left_out_) continue;
              response.topics.back().partitions.push_back({.partition_index = p.partition_index,
                                                           .error_code = tell(node, p.partition_index),
                                                           .offset = 7});
            }
          }
          answer(response);
        });
  }
  ErrorCode tell(int32_t node, int32_t partition) {
    if (asked_ == moves_after_) leader_of(1) = 1;
    if (node != really_leads_.at(partition)) return ErrorCode::not_leader_or_follower;
    return partition == 1 ? error_ : ErrorCode::none;
  }
  int32_t& leader_of(size_t partition) {
    return fake_.brokers.metadata.topics.at(0).partitions.at(partition).leader_id;
  }
  Result<PartitionOffsets> list() {
    return list_offsets(fake_.session, {{"orders", 0}, {"orders", 1}}, latest);
  }
  ErrorCode error_of_second() {
    const auto offsets = list();
    EXPECT_TRUE(offsets) << offsets.error().message;
    EXPECT_EQ(offsets->at({"orders", 0}), 7);
    const auto& second = offsets->at({"orders", 1});
    return second ? ErrorCode::none : second.error().code;
  }

  FakeSession fake_;
  std::vector<int32_t> really_leads_ = {1, 2};
  ErrorCode error_ = ErrorCode::none;
  int32_t left_out_ = -1;
  int asked_ = 0, moves_after_ = -1;
};

TEST_F(Partitions, ALeaderThatMovedIsAskedWhereItIsNow) {
  really_leads_[1] = 1;
  moves_after_ = 6;  // rounds of two brokers: the metadata lags behind
  EXPECT_EQ(error_of_second(), ErrorCode::none);
  EXPECT_LT(fake_.brokers.clock.monotonic_ms(), fake_.api_timeout_ms);
}

TEST_F(Partitions, OnlyWhatIsNotKnownYetIsAskedForAgain) {
  error_ = ErrorCode::offset_not_available;
  EXPECT_EQ(error_of_second(), ErrorCode::offset_not_available);
  EXPECT_GE(fake_.brokers.clock.monotonic_ms(), fake_.api_timeout_ms);
  EXPECT_GT(asked_, 10);
  EXPECT_LT(asked_, 100) << "retry.backoff.ms";
}

TEST_F(Partitions, AnErrorThatStaysIsToldAtOnce) {
  error_ = ErrorCode::topic_authorization_failed;
  EXPECT_EQ(error_of_second(), ErrorCode::topic_authorization_failed);
  EXPECT_EQ(asked_, 2);
}

TEST_F(Partitions, WithoutALeaderOneIsWaitedFor) {
  leader_of(1) = -1;
  EXPECT_EQ(error_of_second(), ErrorCode::leader_not_available);
  EXPECT_GE(fake_.brokers.clock.monotonic_ms(), fake_.api_timeout_ms);
}

TEST_F(Partitions, OneThatIsNotThereIsToldAtOnce) {
  const auto offsets = list_offsets(fake_.session, {{"orders", 9}, {"absent", 0}}, latest);
  ASSERT_TRUE(offsets);
  for (const TopicPartition& at : {TopicPartition{"orders", 9}, TopicPartition{"absent", 0}})
    EXPECT_EQ(offsets->at(at).error().code, ErrorCode::unknown_topic_or_partition) << at.text();
  EXPECT_LT(fake_.brokers.clock.monotonic_ms(), 1'000);
}

TEST_F(Partitions, ABrokerThatIsGoneIsAskedForItsSuccessor) {
  fake_.brokers.unreachable.insert(2);
  EXPECT_EQ(error_of_second(), ErrorCode::network_exception);
  leader_of(1) = really_leads_[1] = 1;
  EXPECT_EQ(error_of_second(), ErrorCode::none);
}

TEST_F(Partitions, WhatABrokerLeavesOutIsAnError) {
  left_out_ = 1;
  EXPECT_EQ(error_of_second(), ErrorCode::unknown_server_error);
}

TEST_F(Partitions, AllOrNothing) {
  error_ = ErrorCode::topic_authorization_failed;
  const auto offsets = offsets_of_all(fake_.session, {{"orders", 0}, {"orders", 1}}, latest);
  ASSERT_FALSE(offsets);
  EXPECT_EQ(offsets.error().code, ErrorCode::topic_authorization_failed);
  EXPECT_EQ(offsets.error().message, "orders-1: Topic authorization failed.");
}

}  // namespace
}  // namespace kt::cli
