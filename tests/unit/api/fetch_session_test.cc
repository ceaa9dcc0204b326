#include "libbroker/api/fetch_session.h"

#include <gtest/gtest.h>

namespace kt::api {
namespace {

wire::FetchRequest request_of(int partitions) {
  wire::FetchRequest request;
  request.topics.emplace_back().topic = "t";
  for (int p = 0; p < partitions; ++p) request.topics.back().partitions.push_back({.partition = p});
  return request;
}

std::vector<int32_t> order_of(const FetchSession& session) {
  std::vector<int32_t> partitions;
  for (const Wanted& wanted : session.wanted()) partitions.push_back(wanted.at.partition);
  return partitions;
}

TEST(FetchSessionTest, KeepsTheOrderInWhichPartitionsCameAndForgetsThem) {
  FetchSession session(1, false);
  session.update(request_of(4));
  auto again = request_of(2);
  again.topics.back().partitions[1].fetch_offset = 7;
  again.forgotten_topics_data.push_back({.topic = "t", .partitions = {0, 9}});
  again.forgotten_topics_data.push_back({.topic = "u", .partitions = {2}});
  session.update(again);
  EXPECT_EQ(order_of(session), (std::vector<int32_t>{1, 2, 3}));
  EXPECT_EQ(session.wanted().front().at.fetch_offset, 7);
}

TEST(FetchSessionTest, WhatGaveDataIsReadLast) {
  FetchSession session(1, false);
  session.update(request_of(3));
  wire::FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic = "t";
  for (int p = 0; p < 3; ++p) topic.partitions.push_back({.partition_index = p, .high_watermark = 0});
  topic.partitions[0].records.pieces = {Slice::copy(std::string_view("x"))};
  session.keep_changes(response, true);
  EXPECT_EQ(order_of(session), (std::vector<int32_t>{1, 2, 0}));
  session.keep_changes(response, true);
  ASSERT_EQ(response.responses.size(), 1u);
  EXPECT_EQ(response.responses[0].partitions.size(), 1u);
}

// Each partition was looked for among all the others: 400,000 of them, which a frame of 10 MB names, kept the
// loop and every other session waiting for minutes.
TEST(FetchSessionTest, AGreatManyPartitionsTakeTheirTime) {
  FetchSession session(1, false);
  session.update(
      request_of(400'000));  // looked for one by one, they would outlast the time limit of any test
  EXPECT_EQ(session.size(), 400'000u);
}

// A session is memory that a reader has for nothing: all together have a limit, beyond which a fetch has no
// session.
TEST(FetchSessionsTest, HoldAMillionPartitionsTogether) {
  ManualClock clock;
  FetchSessions sessions(clock, 1, 1000);
  constexpr int16_t version = 7;
  auto large = request_of(450'000);
  large.session_epoch = 0;
  const auto first = sessions.begin(large, version), second = sessions.begin(large, version);
  ASSERT_TRUE(first && first->session && second && second->session);
  const auto third = sessions.begin(large, version);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->session, nullptr);
  EXPECT_EQ(third->wanted.size(), 450'000u);
  auto more = request_of(600'000);
  more.session_id = second->session->id();
  more.session_epoch = 1;
  const auto grown = sessions.begin(more, version);
  ASSERT_FALSE(grown);
  EXPECT_EQ(grown.error().code, ErrorCode::fetch_session_id_not_found);
}

}  // namespace
}  // namespace kt::api
