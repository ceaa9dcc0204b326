// A consumer asks the replica that its leader prefers for it (KIP-392), for as long as that works.
#include <gtest/gtest.h>

#include "libbroker/base/bytes.h"
#include "libbroker/client/fetcher.h"
#include "libbroker/record/batch_builder.h"
#include "tests/unit/client/fake_cluster.h"

namespace kt::client {
namespace {

class ClosestReplica : public testing::Test {
 protected:
  static constexpr int32_t leader = 1, follower = 2;

  ClosestReplica() {
    fake_.add_broker(leader);
    fake_.add_broker(follower);
    fake_.add_topic("t", {leader});
    fake_.on<wire::FetchRequest, wire::FetchResponse>(
        [this](int32_t node, const wire::FetchRequest& request, auto answer) {
          asked_.push_back(node);
          EXPECT_EQ(request.rack_id, "near");
          wire::FetchResponse response;
          auto& topic = response.responses.emplace_back();
          topic.topic = request.topics.at(0).topic;
          topic.topic_id = request.topics[0].topic_id;
          const int64_t offset = request.topics[0].partitions.at(0).fetch_offset;
          topic.partitions.push_back(node == leader ? at_leader_(offset) : at_follower_(offset));
          answer(response);
        });
    cluster_.refresh(std::vector<std::string>{"t"}, false, [](auto) {});
    fake_.run_ms(10);
    fetcher_.positions().assign({p_});
    EXPECT_TRUE(fetcher_.positions().seek(p_, 0));
  }
  static wire::FetchResponse::PartitionData record_at(int64_t offset) {
    record::BatchBuilder batch;
    batch.append({.timestamp = 1, .value = as_bytes(std::string_view("v"))});
    auto bytes = batch.build();
    store_be<int64_t>(bytes.data(), offset);
    wire::FetchResponse::PartitionData data;
    data.records.pieces = {Slice::own(std::move(bytes))};
    return data;
  }
  static wire::FetchResponse::PartitionData refusal(ErrorCode code) { return {.error_code = code}; }
  static wire::FetchResponse::PartitionData go_to(int32_t node) { return {.preferred_read_replica = node}; }
  /// Fetches until a record has been taken; its offset.
  int64_t next() {
    for (int i = 0; i < 1'000; ++i) {
      fetcher_.pump(fake_.clock.monotonic_ms());
      fake_.run_ms(10);
      const auto taken = fetcher_.take(1);
      if (!taken.empty()) return taken[0].records.at(0).offset;
    }
    return -1;
  }

  FakeCluster fake_;
  Cluster cluster_{fake_.loop, fake_, fake_.clock, fake_.options()};
  Fetcher fetcher_{cluster_, {.rack = "near"}, {.has_group = false}, [] {}};
  const TopicPartition p_{"t", 0};
  std::function<wire::FetchResponse::PartitionData(int64_t offset)> at_leader_ = record_at,
                                                                    at_follower_ = record_at;
  std::vector<int32_t> asked_;
};

TEST_F(ClosestReplica, IsAskedFromThenOn) {
  at_leader_ = [](int64_t) { return go_to(follower); };
  EXPECT_EQ(next(), 0);
  EXPECT_EQ(next(), 1);
  ASSERT_GE(asked_.size(), 3u);
  EXPECT_EQ(asked_[0], leader);
  EXPECT_EQ(std::ranges::count(asked_, leader), 1);
}

TEST_F(ClosestReplica, IsNotBelievedThatAnOffsetIsGone) {
  at_leader_ = [](int64_t offset) { return offset == 0 ? go_to(follower) : record_at(offset); };
  at_follower_ = [](int64_t offset) {
    return offset == 0 ? record_at(0) : refusal(ErrorCode::offset_out_of_range);
  };
  EXPECT_EQ(next(), 0);
  EXPECT_EQ(next(), 1) << "the leader has it";
  EXPECT_TRUE(fetcher_.positions().take_errors().empty());
}

TEST_F(ClosestReplica, IsLeftWhenItIsNoReplicaAnyMore) {
  at_leader_ = [](int64_t offset) { return offset == 0 ? go_to(follower) : record_at(offset); };
  at_follower_ = [](int64_t offset) {
    return offset == 0 ? record_at(0) : refusal(ErrorCode::not_leader_or_follower);
  };
  EXPECT_EQ(next(), 0);
  EXPECT_EQ(next(), 1);
}

TEST_F(ClosestReplica, TheLeaderIsAskedAgainAfterAWhile) {
  at_leader_ = [](int64_t) { return go_to(follower); };
  EXPECT_EQ(next(), 0);
  fake_.run_ms(301'000);  // metadata.max.age.ms
  asked_.clear();
  EXPECT_GE(next(), 1);
  EXPECT_GE(next(), 2);
  EXPECT_EQ(std::ranges::count(asked_, leader), 1);
}

}  // namespace
}  // namespace kt::client
