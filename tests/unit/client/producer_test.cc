#include "libbroker/client/producer.h"

#include <gtest/gtest.h>

#include "libbroker/record/batch.h"
#include "libbroker/wire/22_init_producer_id.h"
#include "tests/unit/client/fake_cluster.h"

namespace kt::client {
namespace {

using wire::InitProducerIdRequest, wire::InitProducerIdResponse, wire::ProduceRequest, wire::ProduceResponse;

class ProducerTest : public testing::Test {
 protected:
  ProducerTest() {
    brokers.add_broker(1);
    brokers.add_broker(2);
    brokers.add_topic("t", {1, 2});
    brokers.on<InitProducerIdRequest, InitProducerIdResponse>(
        [](int32_t, const InitProducerIdRequest&, auto answer) { answer({.producer_id = 7}); });
    brokers.on<ProduceRequest, ProduceResponse>(
        [this](int32_t node, const ProduceRequest& request, auto answer) { produce(node, request, answer); });
  }

  /// A log per partition that refuses with `errors` first.
  void produce(int32_t node, const ProduceRequest& request,
               const FakeCluster::Answer<ProduceResponse>& answer) {
    ++requests;
    ProduceResponse response;
    for (const auto& topic : request.topic_data) {
      response.responses.push_back({.topic_id = topic.topic_id});
      for (const auto& partition : topic.partition_data) {
        ProduceResponse::PartitionProduceResponse result{.index = partition.index};
        if (!errors.empty()) {
          result.error_code = errors.front();
          errors.pop_front();
        } else {
          const Slice bytes = partition.records.slice();
          const auto batch = record::BatchView::parse(bytes.bytes);
          auto& log = logs[partition.index];
          result.base_offset = static_cast<int64_t>(log.size());
          auto records = batch->records();
          for (record::RecordView record; records.next(record);)
            log.push_back(std::string(as_text(record.value)));
          nodes[partition.index] = node;
        }
        response.responses.back().partition_responses.push_back(result);
      }
    }
    if (request.acks != 0) answer(response);
  }

  std::unique_ptr<Producer> make(ProducerOptions options = {}) {
    return std::make_unique<Producer>(cluster, options);
  }
  void send(Producer& producer, std::string value, std::optional<int32_t> partition = 0,
            std::string topic = "t") {
    producer.send({.topic = topic, .partition = partition, .value = Slice::copy(value)},
                  [this](Result<RecordMetadata> result) {
                    results.push_back(result ? std::to_string(result->offset)
                                             : std::string(name_of(result.error().code)));
                    if (!result) messages.push_back(result.error().message);
                  });
  }

  FakeCluster brokers;
  Cluster cluster{brokers.loop, brokers, brokers.clock, brokers.options()};
  std::deque<ErrorCode> errors;
  std::map<int32_t, std::vector<std::string>> logs;
  std::map<int32_t, int32_t> nodes;
  int requests = 0;
  std::vector<std::string> results, messages;
};

TEST_F(ProducerTest, RecordsReachTheirLeadersInOrder) {
  const auto producer = make();
  for (const char* value : {"a", "b", "c"}) send(*producer, value, 0);
  send(*producer, "x", 1);
  EXPECT_TRUE(producer->is_blocked());  // until the topic is known
  brokers.run_ms(20);
  EXPECT_FALSE(producer->is_blocked());
  EXPECT_EQ(results, (std::vector<std::string>{"0", "1", "2", "0"}));
  EXPECT_EQ(logs[0], (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(nodes, (std::map<int32_t, int32_t>{{0, 1}, {1, 2}}));
  EXPECT_EQ(requests, 2);
}

// A batch that was not due when batches left, and was when the timer was set, had none.
TEST_F(ProducerTest, WhatBecomesDueWhileOthersLeaveDoesNotWaitForEver) {
  for (int looks = 2; looks <= 9; ++looks) {
    SCOPED_TRACE(looks);
    RestlessClock clock(brokers.clock, looks);
    Cluster restless(brokers.loop, brokers, clock, brokers.options());
    Producer producer(restless, {.sending = {.linger_ms = 20}});
    size_t sent = 0, done = 0;
    const auto send_one = [&](int32_t partition) {
      ++sent;
      producer.send({.topic = "t", .partition = partition, .value = Slice::copy("v")},
                    [&](Result<RecordMetadata> result) { done += result.has_value(); });
    };
    for (int round = 0; round < 20; ++round) {
      send_one(0);
      for (int i = 0; i < round; ++i) brokers.run_ms(1);
      send_one(1);
      brokers.run_ms(100);
      ASSERT_EQ(done, sent) << "round " << round;
    }
  }
}

TEST_F(ProducerTest, FlushDoesNotWaitForLingerAndCountsRecordsThatWaitForMetadata) {
  const auto producer = make({.sending = {.linger_ms = 1000}});
  send(*producer, "a");
  bool is_flushed = false;
  producer->flush([&] { is_flushed = results.size() == 1; });
  brokers.run_ms(5);
  EXPECT_TRUE(is_flushed);
}

TEST_F(ProducerTest, RetriesAtTheNewLeader) {
  const auto producer = make();
  send(*producer, "a");
  brokers.run_ms(20);
  errors = {ErrorCode::not_leader_or_follower};
  brokers.metadata.topics[0].partitions[0].leader_id = 2;
  brokers.metadata.topics[0].partitions[0].leader_epoch = 1;
  send(*producer, "b");
  brokers.run_ms(300);
  EXPECT_EQ(results, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(nodes[0], 2);
}

TEST_F(ProducerTest, LeadersOfThePastAreNotBelieved) {
  brokers.metadata.topics[0].partitions[0].leader_epoch = 5;
  const auto producer = make();
  send(*producer, "a");
  brokers.run_ms(20);
  brokers.metadata.topics[0].partitions[0].leader_id = 2;
  brokers.metadata.topics[0].partitions[0].leader_epoch = 4;
  errors = {ErrorCode::not_enough_replicas};
  cluster.refresh(std::vector<std::string>{"t"}, false, [](Result<const Topology*>) {});
  send(*producer, "b");
  brokers.run_ms(300);
  EXPECT_EQ(nodes[0], 1);
}

TEST_F(ProducerTest, SurvivesALostConnection) {
  const auto producer = make();
  send(*producer, "a");
  brokers.run_ms(20);
  brokers.disconnect(1);
  send(*producer, "b");
  brokers.run_ms(300);
  EXPECT_EQ(results, (std::vector<std::string>{"0", "1"}));
}

TEST_F(ProducerTest, WhatWaitsDoesNotOvertakeWhatALostConnectionFailed) {
  int held = 0;  // of the first connection's requests none is answered
  brokers.on<ProduceRequest, ProduceResponse>([&](int32_t node, const ProduceRequest& request, auto answer) {
    if (held < 2)
      ++held;
    else
      produce(node, request, answer);
  });
  brokers.metadata.topics[0].partitions[1].leader_id = 1;
  const auto producer = make({.sending = {.linger_ms = 0, .in_flight_max = 2}});
  send(*producer, "x", 1);
  brokers.run_ms(20);
  send(*producer, "a", 0);
  brokers.run_ms(20);
  ASSERT_EQ(held, 2);
  send(*producer, "b", 0);
  brokers.run_ms(20);
  brokers.disconnect(1);
  brokers.run_ms(500);
  EXPECT_EQ(logs[0], (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(logs[1], (std::vector<std::string>{"x"}));
}

TEST_F(ProducerTest, AnUnknownTopicFailsAfterMaxBlock) {
  const auto producer = make({.max_block_ms = 500});
  brokers.add_topic("none", {}, ErrorCode::unknown_topic_or_partition);
  send(*producer, "a", {}, "none");
  brokers.run_ms(499);
  EXPECT_TRUE(results.empty());
  brokers.run_ms(2);
  EXPECT_EQ(messages, (std::vector<std::string>{"Topic none not present in metadata after 500 ms."}));
}

TEST_F(ProducerTest, AnInvalidTopicFailsAtOnce) {
  const auto producer = make();
  brokers.add_topic("a b", {}, ErrorCode::invalid_topic_exception);
  send(*producer, "a", {}, "a b");
  brokers.run_ms(5);
  EXPECT_EQ(results, (std::vector<std::string>{"INVALID_TOPIC_EXCEPTION"}));
}

TEST_F(ProducerTest, APartitionThatIsNotThereFailsAfterMaxBlock) {
  const auto producer = make({.max_block_ms = 500});
  send(*producer, "a", 2);
  brokers.run_ms(502);
  EXPECT_EQ(messages,
            (std::vector<std::string>{
                "Partition 2 of topic t with partition count 2 is not present in metadata after 500 ms."}));
}

TEST_F(ProducerTest, AFullBufferBlocksThenDrains) {
  const auto producer = make({.sending = {.linger_ms = 0, .buffer_bytes_max = 1000}});
  for (int i = 0; i < 10; ++i) send(*producer, std::string(300, 'x'));
  bool is_unblocked = false;
  producer->when_unblocked([&] { is_unblocked = true; });
  brokers.run_ms(1);
  brokers.run_ms(50);
  EXPECT_TRUE(is_unblocked);
  EXPECT_EQ(results.size(), 10u);
  EXPECT_EQ(logs[0].size(), 10u);
}

TEST_F(ProducerTest, WithoutAcksItIsDoneWhenSent) {
  const auto producer = make({.sending = {.acks = 0}});
  send(*producer, "a");
  brokers.run_ms(20);
  EXPECT_EQ(results, (std::vector<std::string>{"-1"}));
  EXPECT_EQ(logs[0], (std::vector<std::string>{"a"}));
}

TEST_F(ProducerTest, AtMostSoManyRequestsAreInFlightToANode) {
  std::vector<std::pair<ProduceRequest, FakeCluster::Answer<ProduceResponse>>> held;
  brokers.on<ProduceRequest, ProduceResponse>(
      [&](int32_t, const ProduceRequest& request, auto answer) { held.emplace_back(request, answer); });
  brokers.metadata.topics[0].partitions[1].leader_id = 1;
  const auto producer = make({.sending = {.batch_size_bytes = 10, .linger_ms = 0, .in_flight_max = 2, .is_idempotent = false}});
  for (int i = 0; i < 5; ++i) send(*producer, "a", 0), send(*producer, "a", 1);
  brokers.run_ms(20);
  EXPECT_EQ(held.size(), 2u);
  for (int i = 0; i < 10 && !held.empty(); ++i) {
    auto now = std::exchange(held, {});
    for (auto& [request, answer] : now) produce(1, request, answer);
    brokers.run_ms(20);
    EXPECT_LE(held.size(), 2u);
  }
  EXPECT_EQ(results.size(), 10u);
}

TEST_F(ProducerTest, WithoutPermissionForAnIdEverythingFails) {
  brokers.on<InitProducerIdRequest, InitProducerIdResponse>(
      [](int32_t, const InitProducerIdRequest&, auto answer) {
        answer({.error_code = ErrorCode::cluster_authorization_failed});
      });
  const auto producer = make();
  send(*producer, "a");
  brokers.run_ms(20);
  EXPECT_EQ(results, (std::vector<std::string>{"CLUSTER_AUTHORIZATION_FAILED"}));
}

TEST_F(ProducerTest, MayBeDestroyedByACallback) {
  auto producer = make();
  for (int i = 0; i < 3; ++i) {
    producer->send({.topic = "t", .partition = 0, .value = Slice::copy("a")},
                   [&](Result<RecordMetadata>) { producer.reset(); });
  }
  brokers.run_ms(50);
  EXPECT_FALSE(producer);
}

}  // namespace
}  // namespace kt::client
