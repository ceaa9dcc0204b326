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

}  // namespace
}  // namespace kt::node
