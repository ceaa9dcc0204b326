#include "libcli/commands/groups/cluster_groups.h"

#include <gtest/gtest.h>

#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/42_delete_groups.h"
#include "tests/unit/cli/fake_session.h"

namespace kt::cli::groups {
namespace {

class ClusterGroups : public testing::Test {
 protected:
  ClusterGroups() {
    for (const int32_t node : {1, 2}) fake_.brokers.add_broker(node);
    fake_.brokers.on<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>(
        [this](int32_t, const auto&, auto answer) { answer({.node_id = coordinator_}); });
    fake_.brokers.on<wire::DeleteGroupsRequest, wire::DeleteGroupsResponse>(
        [this](int32_t node, const wire::DeleteGroupsRequest& request, auto answer) {
          if (++asked_ == 1 && is_lost_) return fake_.brokers.disconnect(node);
          wire::DeleteGroupsResponse response;
          for (const std::string& group : request.groups_names)
            response.results.push_back({group, tell(node)});
          answer(response);
        });
    fake_.brokers.on<wire::ListGroupsRequest, wire::ListGroupsResponse>(
        [this](int32_t node, const auto&, auto answer) {
          wire::ListGroupsResponse response{.error_code = tell(node)};
          response.groups.push_back({.group_id = "of-" + std::to_string(node)});
          answer(response);
        });
  }
  /// The first broker's error passes after a while.
  ErrorCode tell(int32_t node) {
    return node == 1 && fake_.brokers.clock.monotonic_ms() < passes_at_ms_ ? error_ : ErrorCode::none;
  }
  std::string listed() {
    const auto groups = list_groups(fake_.session, {});
    if (!groups) return groups.error().message;
    std::string names;
    for (const auto& group : *groups) names += group.group_id + " ";
    return names;
  }

  FakeSession fake_;
  int32_t coordinator_ = 1;
  ErrorCode error_ = ErrorCode::coordinator_load_in_progress;
  int64_t passes_at_ms_ = 0;
  bool is_lost_ = false;
  int asked_ = 0;
};

TEST_F(ClusterGroups, ABrokerThatReadsItsLogIsAskedAgain) {
  passes_at_ms_ = 2'000;
  EXPECT_EQ(listed(), "of-1 of-2 ");
  passes_at_ms_ = 4'000;
  EXPECT_EQ(delete_group(fake_.session, "g"), ErrorCode::none);
}

TEST_F(ClusterGroups, AListThatStaysIncompleteIsAnErrorThatNamesTheBroker) {
  passes_at_ms_ = 60'000;
  EXPECT_EQ(listed(), "broker 1: The coordinator is loading and hence can't process requests.");
  EXPECT_GE(fake_.brokers.clock.monotonic_ms(), fake_.api_timeout_ms);
  error_ = ErrorCode::cluster_authorization_failed;
  const int64_t before_ms = fake_.brokers.clock.monotonic_ms();
  EXPECT_EQ(listed(), "broker 1: Cluster authorization failed.");
  EXPECT_LT(fake_.brokers.clock.monotonic_ms(), before_ms + 1'000);
}

TEST_F(ClusterGroups, ACoordinatorThatMovedIsFoundAgain) {
  error_ = ErrorCode::not_coordinator;
  passes_at_ms_ = INT64_MAX;
  fake_.brokers.loop.after(1'000, [this] { coordinator_ = 2; });
  EXPECT_EQ(delete_group(fake_.session, "g"), ErrorCode::none);
  EXPECT_GT(asked_, 1);
}

TEST_F(ClusterGroups, ALostConnectionIsMadeAgain) {
  is_lost_ = true;
  EXPECT_EQ(delete_group(fake_.session, "g"), ErrorCode::none);
  EXPECT_EQ(asked_, 2);
}

TEST_F(ClusterGroups, WhenNobodyAnswersItIsToldAtOnce) {
  fake_.brokers.unreachable = {1, 2};
  const auto deleted = delete_group(fake_.session, "g");
  ASSERT_FALSE(deleted);
  EXPECT_EQ(deleted.error().code, ErrorCode::network_exception);
  EXPECT_LT(fake_.brokers.clock.monotonic_ms(), 1'000);
}

TEST_F(ClusterGroups, AnEmptyAnswerIsAnError) {
  fake_.brokers.on<wire::DeleteGroupsRequest, wire::DeleteGroupsResponse>(
      [](int32_t, const auto&, auto answer) { answer({}); });
  // as a broker that is none might
  fake_.brokers.on<wire::DescribeGroupsRequest, wire::DescribeGroupsResponse>(
      [](int32_t, const auto&, auto answer) { answer({}); });
  fake_.brokers.on<wire::OffsetFetchRequest, wire::OffsetFetchResponse>(
      [](int32_t, const auto&, auto answer) { answer({}); });
  const auto message = [](const auto& result) { return result ? "" : result.error().message; };
  EXPECT_EQ(message(delete_group(fake_.session, "g")), "the broker answered without the group");
  EXPECT_EQ(message(describe_group(fake_.session, "g")), "the broker answered without the group");
  EXPECT_EQ(message(committed_offsets(fake_.session, "g")),
            "the broker answered without the group's offsets");
}

}  // namespace
}  // namespace kt::cli::groups
