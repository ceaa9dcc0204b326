#include "libbroker/client/consumer.h"

#include <gtest/gtest.h>

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch_builder.h"
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

}  // namespace
}  // namespace kt::client
