#include "libcli/commands/groups/reset.h"

#include <gtest/gtest.h>

#include <sstream>

#include "libbroker/wire/02_list_offsets.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/15_describe_groups.h"
#include "tests/unit/cli/fake_session.h"

namespace kt::cli::groups {
namespace {

/// A group without members that has committed 5 of each of two partitions, whose logs go from 2 to 9.
class Reset : public testing::Test {
 protected:
  Reset() {
    fake_.brokers.add_broker(1);
    fake_.brokers.add_topic("orders", {1, 1});
    auto& brokers = fake_.brokers;
    brokers.on<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>(
        [](int32_t, const auto&, auto answer) { answer({.node_id = 1}); });
    brokers.on<wire::DescribeGroupsRequest, wire::DescribeGroupsResponse>(
        [](int32_t, const auto&, auto answer) {
          wire::DescribeGroupsResponse response;
          response.groups.push_back({.group_id = "g", .group_state = "Empty"});
          answer(response);
        });
    brokers.on<wire::OffsetFetchRequest, wire::OffsetFetchResponse>([](int32_t, const auto&, auto answer) {
      wire::OffsetFetchResponse response;
      response.groups.push_back({.group_id = "g"});
      auto& topic = response.groups[0].topics.emplace_back();
      topic.name = "orders";
      for (const int32_t index : {0, 1})
        topic.partitions.push_back({.partition_index = index, .committed_offset = 5});
      answer(response);
    });
    brokers.on<wire::ListOffsetsRequest, wire::ListOffsetsResponse>(
        [this](int32_t, const wire::ListOffsetsRequest& request, auto answer) {
          wire::ListOffsetsResponse response;
          for (const auto& topic : request.topics) {
            response.topics.push_back({.name = topic.name});
            for (const auto& p : topic.partitions) {
              const bool is_bad = p.partition_index == 1;
              response.topics.back().partitions.push_back({.partition_index = p.partition_index,
                                                           .error_code = is_bad ? error_ : ErrorCode::none,
                                                           .offset = p.timestamp == -1   ? 9
                                                                     : p.timestamp == -2 ? 2
                                                                     : is_bad            ? at_time_
                                                                                         : 4});
            }
          }
          answer(response);
        });
    brokers.on<wire::OffsetCommitRequest, wire::OffsetCommitResponse>(
        [this](int32_t, const wire::OffsetCommitRequest& request, auto answer) {
          for (const auto& topic : request.topics) {
            for (const auto& p : topic.partitions)
              committed_[{topic.name, p.partition_index}] = p.committed_offset;
          }
          answer({});
        });
  }
  using Offsets = Resetting::Offsets;
  using Kind = ResetTarget::Kind;
  Result<Offsets> reset(Kind kind, int64_t value = 0) {
    options_.reset = ResetTarget{kind, value};
    options_.all_topics = options_.execute = true;
    Resetting resetting(fake_.session, options_, streams_);
    return resetting.reset("g");
  }

  FakeSession fake_;
  Options options_;
  std::istringstream in_;
  std::ostringstream out_, err_;
  Streams streams_{in_, out_, err_};
  ErrorCode error_ = ErrorCode::none;
  int64_t at_time_ = 6;
  Offsets committed_;
};

TEST_F(Reset, GoesToWhatEachLeaderAnswers) {
  ASSERT_TRUE(reset(Kind::timestamp, 1'000));
  EXPECT_EQ(committed_, (Offsets{{{"orders", 0}, 4}, {{"orders", 1}, 6}}));
  ASSERT_TRUE(reset(Kind::earliest));
  EXPECT_EQ(committed_, (Offsets{{{"orders", 0}, 2}, {{"orders", 1}, 2}}));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(Reset, ATimeAfterTheLastRecordMeansTheEnd) {
  at_time_ = -1;
  ASSERT_TRUE(reset(Kind::timestamp, 1'000));
  EXPECT_EQ(committed_, (Offsets{{{"orders", 0}, 4}, {{"orders", 1}, 9}}));
  EXPECT_EQ(err_.str(),
            "\nWarn: Partition 1 from topic orders is empty. Falling back to latest known offset.\n");
}

TEST_F(Reset, AnErrorIsNoEmptyPartitionAndNothingIsCommitted) {
  error_ = ErrorCode::not_leader_or_follower;
  for (const auto kind : {Kind::timestamp, Kind::earliest, Kind::latest, Kind::offset, Kind::shift}) {
    const auto done = reset(kind, 1'000);
    ASSERT_FALSE(done) << static_cast<int>(kind);
    EXPECT_EQ(done.error().code, error_);
    EXPECT_TRUE(done.error().message.starts_with("orders-1: ")) << done.error().message;
  }
  EXPECT_TRUE(committed_.empty());
  EXPECT_EQ(err_.str(), "");
}

TEST_F(Reset, ToWhereItIsAsksNoLeader) {
  error_ = ErrorCode::not_leader_or_follower;
  ASSERT_TRUE(reset(Kind::current));
  EXPECT_EQ(committed_, (Offsets{{{"orders", 0}, 5}, {{"orders", 1}, 5}}));
}

TEST_F(Reset, WithoutALeaderNothingIsLeftOut) {
  fake_.brokers.metadata.topics[0].partitions[1].leader_id = -1;
  const auto done = reset(Kind::earliest);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::leader_not_available);
  EXPECT_TRUE(committed_.empty());
}

}  // namespace
}  // namespace kt::cli::groups
