#include "libbroker/client/consumer.h"

#include <gtest/gtest.h>

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "tests/unit/client/fake_cluster.h"

namespace kt::client {
namespace {

// A partition that was not due when requests went out, and was when the timer was set, had none.
TEST(Consumer, WhatBecomesDueWhileOthersAreAskedDoesNotWaitForThePollToEnd) {
  for (int looks = 2; looks <= 9; ++looks) {
    SCOPED_TRACE(looks);
    FakeCluster brokers;
    brokers.add_broker(1);
    brokers.add_topic("t", {1});
    bool refuses = false;
    brokers.on<wire::FetchRequest, wire::FetchResponse>(
        [&](int32_t, const wire::FetchRequest& request, auto answer) {
          wire::FetchResponse response;
          auto& topic = response.responses.emplace_back();
          topic.topic = request.topics.at(0).topic;
          topic.topic_id = request.topics[0].topic_id;
          auto& partition = topic.partitions.emplace_back();
          if (std::exchange(refuses, false)) {
            partition.error_code = ErrorCode::not_leader_or_follower;
          } else {
            record::BatchBuilder batch;
            batch.append({.timestamp = 1, .value = as_bytes(std::string_view("v"))});
            auto bytes = batch.build();
            store_be<int64_t>(bytes.data(), request.topics[0].partitions.at(0).fetch_offset);
            partition.records.pieces = {Slice::own(std::move(bytes))};
          }
          answer(response);
        });
    RestlessClock clock(brokers.clock, looks);
    Cluster cluster(brokers.loop, brokers, clock, brokers.options());
    Consumer consumer(cluster, {});
    consumer.assign({{"t", 0}});
    ASSERT_TRUE(consumer.seek({"t", 0}, 0));
    for (int round = 0; round < 50; ++round) {
      refuses = true;
      size_t given = 0;
      for (int polls = 0; polls < 20 && given == 0; ++polls) {
        bool is_done = false;
        consumer.poll(60'000, [&](Result<Consumer::Polled> polled) {
          is_done = true;
          ASSERT_TRUE(polled);
          for (const auto& records : *polled) given += records.records.size();
        });
        brokers.run_ms(1'000);
        ASSERT_TRUE(is_done) << "round " << round;
      }
    }
  }
}

// Repeated, the offsets of a commit that was refused would take back those of a later one.
TEST(Consumer, AnAutoCommitThatIsRefusedIsFollowedByWhatHasBeenReadSince) {
  FakeCluster brokers;
  brokers.add_broker(1);
  brokers.add_topic("t", {1});
  brokers.on<wire::FetchRequest, wire::FetchResponse>(
      [&](int32_t, const wire::FetchRequest& request, auto answer) {
        record::BatchBuilder batch;
        batch.append({.timestamp = 1, .value = as_bytes(std::string_view("v"))});
        auto bytes = batch.build();
        store_be<int64_t>(bytes.data(), request.topics[0].partitions.at(0).fetch_offset);
        wire::FetchResponse response;
        auto& topic = response.responses.emplace_back();
        topic.topic = request.topics[0].topic;
        topic.topic_id = request.topics[0].topic_id;
        topic.partitions.emplace_back().records.pieces = {Slice::own(std::move(bytes))};
        answer(response);
      });
  brokers.on<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>(
      [](int32_t, const wire::FindCoordinatorRequest&, auto answer) {
        answer({.node_id = 1, .host = FakeCluster::host_of(1), .port = 9092});
      });
  std::vector<int64_t> commits;
  brokers.on<wire::OffsetCommitRequest, wire::OffsetCommitResponse>(
      [&](int32_t, const wire::OffsetCommitRequest& request, auto answer) {
        const auto& topic = request.topics.at(0);
        commits.push_back(topic.partitions.at(0).committed_offset);
        wire::OffsetCommitResponse response;
        response.topics.push_back({.name = topic.name, .topic_id = topic.topic_id});
        response.topics[0].partitions.push_back(
            {.error_code = commits.size() == 1 ? ErrorCode::coordinator_load_in_progress : ErrorCode::none});
        answer(response);
      });
  Cluster cluster(brokers.loop, brokers, brokers.clock, brokers.options());
  ConsumerOptions options;
  options.group_id = "g";
  options.auto_commit_interval_ms = 1'000;
  options.records_max = 1;
  Consumer consumer(cluster, options);
  consumer.assign({{"t", 0}});
  ASSERT_TRUE(consumer.seek({"t", 0}, 0));
  bool is_polling = false;
  for (int polls = 0; polls < 1'500 && commits.size() < 2; ++polls) {
    if (!std::exchange(is_polling, true)) consumer.poll(1'000, [&](const auto&) { is_polling = false; });
    brokers.run_ms(10);
  }
  ASSERT_EQ(commits.size(), 2u);
  EXPECT_GE(commits[1], commits[0] + 5);
}

// The next leader's epoch is below that of the records which were read: it is of another topic.
TEST(Consumer, GoesOnInATopicThatWasDeletedAndMadeAgain) {
  FakeCluster brokers;
  brokers.add_broker(1);
  brokers.add_topic("t", {1});
  brokers.metadata.topics[0].partitions[0].leader_epoch = 5;
  int resets = 0;
  brokers.on<wire::ListOffsetsRequest, wire::ListOffsetsResponse>(
      [&](int32_t, const wire::ListOffsetsRequest&, auto answer) {
        ++resets;
        wire::ListOffsetsResponse response;
        response.topics.push_back({.name = "t"});
        response.topics[0].partitions.push_back({.partition_index = 0, .offset = 0, .leader_epoch = 0});
        answer(response);
      });
  std::vector<Uuid> fetched;
  std::function<void()> end_waiting;
  brokers.on<wire::FetchRequest, wire::FetchResponse>(
      [&](int32_t, const wire::FetchRequest& request, auto answer) {
        fetched.push_back(request.topics.at(0).topic_id);
        wire::FetchResponse response;
        auto& topic = response.responses.emplace_back();
        topic.topic_id = fetched.back();
        topic.partitions.push_back({.error_code = ErrorCode::unknown_topic_id});
        end_waiting = [answer, response] { answer(response); };
      });
  Cluster cluster(brokers.loop, brokers, brokers.clock, brokers.options());
  ConsumerOptions options;
  options.reset = consuming::Reset::earliest;
  Consumer consumer(cluster, options);
  consumer.assign({{"t", 0}});
  ASSERT_TRUE(consumer.seek({"t", 0}, 40, 5));
  consumer.poll(60'000, [](const auto&) {});
  brokers.run_ms(100);
  ASSERT_EQ(fetched.size(), 1u);
  brokers.metadata.topics[0].topic_id.low += 1;
  brokers.metadata.topics[0].partitions[0].leader_epoch = 0;
  end_waiting();
  brokers.run_ms(1'000);
  EXPECT_EQ(resets, 1);
  EXPECT_EQ(fetched.back(), brokers.metadata.topics[0].topic_id);
}

}  // namespace
}  // namespace kt::client
