#include "libbroker/api/fetch_session.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

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

// A follower that cuts its log first, or follows another leadership, has not taken what it was told.
TEST(FetchSessionTest, WhatWasNotHeardIsToldAgain) {
  FetchSession session(1, false);
  auto request = request_of(1);
  session.update(request);
  const auto told = [&](bool is_diverging = false) {
    wire::FetchResponse response;
    auto& topic = response.responses.emplace_back();
    topic.topic = "t";
    topic.partitions.push_back({.partition_index = 0, .high_watermark = 7, .log_start_offset = 0});
    if (is_diverging) topic.partitions.back().diverging_epoch = {3, 5};
    session.keep_changes(response, true);
    return response.responses.size();
  };
  EXPECT_EQ(told(), 1u);
  EXPECT_EQ(told(), 0u);
  EXPECT_EQ(told(true), 1u);
  EXPECT_EQ(told(), 1u);
  EXPECT_EQ(told(), 0u);
  request.topics[0].partitions[0].current_leader_epoch = 4;
  session.update(request);
  EXPECT_EQ(told(), 1u);
}

// A follower that names a new partition while another answer is on its way is sent records twice, and drops
// what comes second, the high watermark with it.
TEST(FetchSessionTest, AFollowerThatHasMovedIsToldTheHighWatermarkAgain) {
  for (const bool is_privileged : {true, false}) {
    FetchSession session(1, true, is_privileged);
    auto request = request_of(1);
    session.update(request);
    const auto told = [&] {
      wire::FetchResponse response;
      response.responses.emplace_back().partitions.push_back(
          {.partition_index = 0, .high_watermark = 7, .log_start_offset = 0});
      session.keep_changes(response, true);
      return !response.responses.empty();
    };
    EXPECT_TRUE(told());
    session.update(request);
    EXPECT_FALSE(told());
    request.topics[0].partitions[0].fetch_offset = 7;
    session.update(request);
    EXPECT_EQ(told(), is_privileged);
  }
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
  const auto first = sessions.begin(large, version, false), second = sessions.begin(large, version, false);
  ASSERT_TRUE(first && first->session && second && second->session);
  const auto third = sessions.begin(large, version, false);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->session, nullptr);
  EXPECT_EQ(third->wanted.size(), 450'000u);
  auto more = request_of(600'000);
  more.session_id = second->session->id();
  more.session_epoch = 1;
  const auto grown = sessions.begin(more, version, false);
  ASSERT_FALSE(grown);
  EXPECT_EQ(grown.error().code, ErrorCode::fetch_session_id_not_found);
}

// 16 bytes of a request for a partition kept a copy of its topic's name, of up to 32767 bytes and of no
// topic.
TEST(FetchSessionsTest, ALongNameIsKeptOnceForAllPartitions) {
  ManualClock clock;
  FetchSessions sessions(clock, 1, 1000);
  auto request = request_of(1000);
  request.topics[0].topic = std::string(30'000, 'x');
  const auto names_of = [](const std::vector<Wanted>& wanted) {
    std::set<const char*> names;
    for (const Wanted& one : wanted) names.insert(one.topic->data());
    return names.size();
  };
  for (const int16_t version : {4, 7, 12}) {
    request.session_epoch = 0;
    const auto turn = sessions.begin(request, version, false);
    ASSERT_TRUE(turn);
    ASSERT_EQ(turn->wanted.size(), 1000u);
    EXPECT_EQ(*turn->wanted.back().topic, request.topics[0].topic);
    EXPECT_EQ(names_of(turn->wanted), 1u);
    EXPECT_EQ(turn->session, nullptr);
  }
  request.topics[0].topic.resize(249);
  const auto turn = sessions.begin(request, 12, false);
  ASSERT_TRUE(turn && turn->session);
  EXPECT_EQ(names_of(turn->session->wanted()), 1u);
}

// Of a session of such names all is told again for every request, which then needs no names.
TEST(FetchSessionsTest, ANameThatNoTopicHasEndsTheSession) {
  ManualClock clock;
  FetchSessions sessions(clock, 1, 1000);
  auto request = request_of(1);
  request.session_epoch = 0;
  const auto turn = sessions.begin(request, 12, false);
  ASSERT_TRUE(turn && turn->session);
  request.session_id = turn->session->id();
  request.session_epoch = 1;
  request.topics[0].topic = std::string(250, 'x');
  const auto next = sessions.begin(request, 12, false);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, ErrorCode::fetch_session_id_not_found);
}

TEST(FetchSessionTest, APartitionIsFoundWhenTheRequestThatNamedItIsGone) {
  FetchSession session(1, false);
  for (int round = 0; round < 3; ++round) {
    auto request = request_of(100);
    request.topics[0].topic = "a name that is longer than what a string keeps inside itself";
    session.update(request);
    EXPECT_EQ(session.size(), 100u);
  }
  wire::FetchRequest forgetful;
  forgetful.forgotten_topics_data.push_back(
      {.topic = "a name that is longer than what a string keeps inside itself", .partitions = {0, 99}});
  session.update(forgetful);
  EXPECT_EQ(session.size(), 98u);
}

class FetchSessionsOfTwoKinds : public testing::Test {
 protected:
  static constexpr int16_t version = 12;
  /// The new session's id; 0: it got none.
  int32_t open(int partitions, bool is_privileged = false) {
    auto request = request_of(partitions);
    request.session_epoch = 0;
    const auto turn = sessions_.begin(request, version, is_privileged);
    return turn && turn->session ? turn->session->id() : 0;
  }
  bool is_there(int32_t id) {
    wire::FetchRequest request;
    request.session_id = id;
    request.session_epoch = epochs_[id] + 1;
    const auto turn = sessions_.begin(request, version, false);
    if (turn) ++epochs_[id];
    return turn.has_value();
  }
  ManualClock clock_;
  FetchSessions sessions_{clock_, 1, 2};
  std::map<int32_t, int32_t> epochs_;
};

TEST_F(FetchSessionsOfTwoKinds, AFollowerTakesTheSmallestConsumersPlaceAtOnce) {
  const int32_t small = open(1), large = open(9);
  EXPECT_EQ(open(99), 0) << "a consumer does not";
  EXPECT_NE(open(1, true), 0);
  EXPECT_FALSE(is_there(small));
  EXPECT_TRUE(is_there(large));
}

TEST_F(FetchSessionsOfTwoKinds, AFollowerInUseKeepsItsPlaceForever) {
  const int32_t one = open(1, true), other = open(1, true);
  for (int i = 0; i < 10; ++i) {
    clock_.advance_ms(60'000);
    EXPECT_TRUE(is_there(one) && is_there(other));
  }
  EXPECT_EQ(open(99), 0);
  EXPECT_TRUE(is_there(one) && is_there(other));
}

TEST_F(FetchSessionsOfTwoKinds, AnOldConsumerGivesWayToALargerOne) {
  const int32_t small = open(2), large = open(9);
  clock_.advance_ms(100'000);
  EXPECT_TRUE(is_there(small) && is_there(large));
  EXPECT_EQ(open(99), 0) << "they are new";
  clock_.advance_ms(30'000);
  EXPECT_EQ(open(1), 0);
  EXPECT_NE(open(3), 0);
  EXPECT_FALSE(is_there(small));
}

TEST_F(FetchSessionsOfTwoKinds, WhoIsNotUsedIsDroppedFirst) {
  const int32_t one = open(1, true), other = open(9);
  clock_.advance_ms(121'000);
  EXPECT_TRUE(is_there(other));
  EXPECT_NE(open(1), 0);
  EXPECT_FALSE(is_there(one));
}

}  // namespace
}  // namespace kt::api
