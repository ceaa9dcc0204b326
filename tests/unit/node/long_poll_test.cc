#include "tests/unit/node/node_fixture.h"

namespace kt::node {
namespace {

class LongPoll : public NodeFixture {
 protected:
  FetchAnswer wait_for(int32_t bytes_min, int32_t ms) {
    auto request = fetch_request("t", 0);
    request.max_wait_ms = ms;
    request.min_bytes = bytes_min;
    return begin_fetch(std::move(request));
  }
};

// A reader that waits for more than there is used to be woken again and again by what it had seen already.
TEST_F(LongPoll, WhatIsTooLittleIsLookedAtOnce) {
  start();
  create_topic("t");
  produce("t", {{"k", "first"}});
  uint64_t events = 0;
  world_.set_check([&] { ++events; });
  const FetchAnswer answer = wait_for(1'000, 20'000);
  world_.run_for(19'000);
  EXPECT_FALSE(answer->has_value());
  EXPECT_LT(events, 1'000u);
  run_until([&] { return answer->has_value(); });
  ASSERT_TRUE(**answer);
  EXPECT_GT((**answer)->responses.at(0).partitions.at(0).records.size(), 0u)
      << "at its time it gets what there is";
}

TEST_F(LongPoll, EnoughIsAnsweredAtOnce) {
  start();
  create_topic("t");
  produce("t", {{"k", "first"}});
  const int64_t begun_ms = world_.now_ms();
  const FetchAnswer answer = wait_for(1'000, 20'000);
  world_.run_for(1'000);
  EXPECT_FALSE(answer->has_value());
  produce("t", {{"k", std::string(500, 'x')}});
  produce("t", {{"k", std::string(500, 'y')}});
  run_until([&] { return answer->has_value(); });
  EXPECT_LT(world_.now_ms() - begun_ms, 5'000);
}

// As Kafka: else a reader of one that is gone asks again and again.
TEST_F(LongPoll, APartitionThatIsNotThereDoesNotEndTheWaitForAnother) {
  start();
  create_topic("t");
  auto request = fetch_request("t", 0);
  request.max_wait_ms = 5'000;
  request.min_bytes = 1;
  request.topics.front().partitions.push_back({.partition = 7, .partition_max_bytes = 1'000});
  const FetchAnswer answer = begin_fetch(request);
  world_.run_for(4'000);
  EXPECT_FALSE(answer->has_value());
  produce("t", {{"k", "v"}});
  run_until([&] { return answer->has_value(); });
  ASSERT_TRUE(**answer);
  const auto& partitions = (**answer)->responses.at(0).partitions;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_GT(partitions[0].records.size(), 0u);
  EXPECT_EQ(partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(LongPoll, NothingButPartitionsThatAreNotThereIsAnsweredAtOnce) {
  start();
  create_topic("t");
  auto request = fetch_request("t", 7);
  request.max_wait_ms = 20'000;
  request.min_bytes = 1;
  const FetchAnswer answer = begin_fetch(request);
  world_.run_for(1'000);
  EXPECT_TRUE(answer->has_value());
}

// How a follower adds a partition while its request waits for others.
TEST_F(LongPoll, TheNextRequestOfASessionEndsTheWaitOfTheOneBefore) {
  start();
  create_topic("t", {}, 2);
  auto opening = fetch_request("t", 0);
  opening.session_epoch = 0;
  const auto opened = ask<wire::FetchResponse>(opening, {.version_max = 12});
  ASSERT_TRUE(opened);
  ASSERT_NE(opened->session_id, 0);
  const auto in_session = [&](int32_t epoch) {
    wire::FetchRequest request{.max_wait_ms = 20'000, .min_bytes = 1};
    request.session_id = opened->session_id;
    request.session_epoch = epoch;
    return request;
  };
  const FetchAnswer first = begin_fetch(in_session(1));
  world_.run_for(1'000);
  ASSERT_FALSE(first->has_value());
  auto second = in_session(2);
  second.topics.push_back({.topic = "t", .partitions = {{.partition = 1, .partition_max_bytes = 1'000}}});
  const FetchAnswer answer = begin_fetch(second);
  world_.run_for(1'000);
  ASSERT_TRUE(first->has_value());
  ASSERT_TRUE(**first);
  EXPECT_EQ((**first)->session_id, opened->session_id);
  EXPECT_TRUE((**first)->responses.empty()) << "nothing has changed";
  EXPECT_FALSE(answer->has_value());
  produce("t", {{"k", "v"}});
  run_until([&] { return answer->has_value(); });
  ASSERT_TRUE(**answer);
  ASSERT_EQ((**answer)->responses.size(), 1u);
}

}  // namespace
}  // namespace kt::node
