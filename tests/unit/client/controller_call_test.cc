#include "libbroker/client/controller_call.h"

#include <gtest/gtest.h>

#include "libbroker/wire/19_create_topics.h"
#include "tests/unit/client/fake_cluster.h"

namespace kt::client {
namespace {

class ControllerCall : public testing::Test {
 protected:
  ControllerCall() {
    for (const int32_t node : {1, 2}) fake_.add_broker(node);
    fake_.metadata.controller_id = 1;
    fake_.on<wire::CreateTopicsRequest, wire::CreateTopicsResponse>(
        [this](int32_t node, const wire::CreateTopicsRequest& request, auto answer) {
          asked_.push_back(node);
          wire::CreateTopicsResponse response;
          response.topics.push_back(
              {.name = request.topics.at(0).name,
               .error_code = node == active_ ? ErrorCode::none : ErrorCode::not_controller});
          answer(response);
        });
  }
  void create(int64_t timeout_ms) {
    wire::CreateTopicsRequest request;
    request.topics.push_back({.name = "t", .num_partitions = 1, .replication_factor = 1});
    call_controller<wire::CreateTopicsResponse>(
        cluster_, std::move(request), fake_.clock.monotonic_ms() + timeout_ms,
        [this](Result<wire::CreateTopicsResponse> response) { outcome_ = std::move(response); });
  }

  FakeCluster fake_;
  Cluster cluster_{fake_.loop, fake_, fake_.clock, fake_.options()};
  int32_t active_ = 1;
  std::vector<int32_t> asked_;
  std::optional<Result<wire::CreateTopicsResponse>> outcome_;
};

TEST_F(ControllerCall, IsMadeAgainOfWhoIsActiveNow) {
  active_ = 2;
  create(60'000);
  fake_.run_ms(1'000);
  EXPECT_FALSE(outcome_) << "the metadata does not know yet";
  EXPECT_GT(asked_.size(), 1u);
  EXPECT_LT(asked_.size(), 20u) << "retry.backoff.ms";
  fake_.metadata.controller_id = 2;
  fake_.run_ms(1'000);
  ASSERT_TRUE(outcome_);
  ASSERT_TRUE(*outcome_) << outcome_->error().message;
  EXPECT_EQ((*outcome_)->topics.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(asked_.back(), 2);
}

TEST_F(ControllerCall, EndsAtItsDeadline) {
  active_ = 2;
  create(5'000);
  fake_.run_ms(6'000);
  ASSERT_TRUE(outcome_);
  ASSERT_TRUE(*outcome_);
  EXPECT_EQ((*outcome_)->topics.at(0).error_code, ErrorCode::not_controller);
}

}  // namespace
}  // namespace kt::client
