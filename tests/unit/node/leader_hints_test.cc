// Who comes to the wrong broker is told, in the answer, who leads (KIP-951).
#include "libbroker/record/batch_builder.h"
#include "libbroker/sim/sim_clock.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"
#include "tests/unit/node/cluster_fixture.h"

namespace kt::node {
namespace {

class LeaderHints : public ClusterFixture {
 protected:
  using Produced = wire::ProduceResponse;
  using Fetched = wire::FetchResponse;

  void SetUp() override {
    start_cluster(3, {{"min.insync.replicas", "2"}, {"broker.session.timeout.ms", "3000"}});
    wire::CreateTopicsRequest request;
    request.topics.push_back({.name = "t", .num_partitions = -1, .replication_factor = -1});
    for (int32_t partition : {0, 1})
      request.topics[0].assignments.push_back({.partition_index = partition, .broker_ids = {2, 3, 1}});
    const auto response = ask<wire::CreateTopicsResponse>(1, request);
    ASSERT_TRUE(response) << response.error().message;
    topic_id_ = response->topics.at(0).topic_id;
    for (int32_t id = 1; id <= 3; ++id)
      ask_until([&] { return leader(id).leader_id == 2; }, "it is not known");
  }
  wire::MetadataResponse::MetadataResponsePartition leader(int32_t by) {
    wire::MetadataRequest request;
    request.topics = {{.name = "t"}};
    const auto response = ask<wire::MetadataResponse>(by, request);
    if (!response || response->topics.at(0).partitions.empty()) return {.leader_id = -1};
    return response->topics.at(0).partitions.at(0);
  }
  wire::ProduceRequest produce_request() const {
    record::BatchBuilder batch;
    batch.append({.timestamp = sim::SimClock::epoch_ms, .value = std::as_bytes(std::span("v"))});
    const Slice bytes = Slice::own(batch.build());
    wire::ProduceRequest request{.acks = -1, .timeout_ms = 20'000};
    request.topic_data.push_back(
        {.name = "t", .topic_id = topic_id_, .partition_data = {{.index = 0}, {.index = 1}}});
    for (auto& partition : request.topic_data[0].partition_data) partition.records.pieces = {bytes};
    return request;
  }
  Result<Produced> produce(int32_t to, int16_t version) {
    return ask<Produced>(to, produce_request(), version);
  }
  Result<Fetched> fetch(int32_t from, int16_t version, int32_t leader_epoch) {
    wire::FetchRequest request{.max_bytes = 1'000};
    request.topics.push_back(
        {.topic = "t",
         .topic_id = topic_id_,
         .partitions = {
             {.partition = 0, .current_leader_epoch = leader_epoch, .partition_max_bytes = 1'000}}});
    return ask<Fetched>(from, request, version);
  }

  Uuid topic_id_;
};

TEST_F(LeaderHints, ProduceAtAFollower) {
  const int32_t epoch = leader(1).leader_epoch;
  for (int16_t version : {10, 12, 13}) {
    const auto response = produce(3, version);
    ASSERT_TRUE(response) << response.error().message;
    for (const auto& partition : response->responses.at(0).partition_responses) {
      EXPECT_EQ(partition.error_code, ErrorCode::not_leader_or_follower);
      EXPECT_EQ(partition.current_leader, (Produced::LeaderIdAndEpoch{2, epoch}));
    }
    ASSERT_EQ(response->node_endpoints.size(), 1U);
    EXPECT_EQ(response->node_endpoints[0].node_id, 2);
    EXPECT_EQ(response->node_endpoints[0].host, "n2");
    EXPECT_EQ(response->node_endpoints[0].port, broker_port);
  }
  const auto response = produce(3, 9);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->responses.at(0).partition_responses.at(0).error_code,
            ErrorCode::not_leader_or_follower);
  EXPECT_TRUE(response->node_endpoints.empty());
}

// Its client asks at once who leads then; the answer, which cannot tell it, would have it wait.
TEST_F(LeaderHints, WhoIsTooOldForThemIsLeftByABrokerThatStops) {
  machine(3).pause();  // in sync as far as is known: what it does not have is not committed
  const auto old = begin<Produced>(2, produce_request(), 9),
             recent = begin<Produced>(2, produce_request(), 10);
  world_.run_for(500);
  ASSERT_FALSE(old.has_come() || recent.has_come());
  machine(2).loop(0).post([&] { server(2).node->stop([](const Result<void>&) {}); });
  run_until([&] { return old.has_come() && recent.has_come(); }, "they still wait");
  EXPECT_FALSE(old.get()) << "it was answered";
  const auto told = recent.get();
  ASSERT_TRUE(told) << told.error().message;
  const auto& partition = told->responses.at(0).partition_responses.at(0);
  EXPECT_EQ(partition.error_code, ErrorCode::not_leader_or_follower);
  EXPECT_NE(partition.current_leader.leader_id, 2);
}

TEST_F(LeaderHints, FetchInAnEpochThatIsOver) {
  kill(2);
  ask_until([&] { return leader(3).leader_id == 3; }, "nobody follows");
  const int32_t epoch = leader(3).leader_epoch;
  constexpr int16_t since = 16;
  const auto told = fetch(3, since, epoch - 1), untold = fetch(3, since - 1, epoch - 1);
  ASSERT_TRUE(told && untold);
  const auto& partition = told->responses.at(0).partitions.at(0);
  EXPECT_EQ(partition.error_code, ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(partition.current_leader, (Fetched::LeaderIdAndEpoch{3, epoch}));
  ASSERT_EQ(told->node_endpoints.size(), 1U);
  EXPECT_EQ(told->node_endpoints[0].host, "n3");
  EXPECT_EQ(untold->responses.at(0).partitions.at(0).error_code, ErrorCode::fenced_leader_epoch);
  EXPECT_TRUE(untold->node_endpoints.empty());
}

}  // namespace
}  // namespace kt::node
