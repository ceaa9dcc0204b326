// Consumers fetch from the closest replica (KIP-392), over whole nodes in three racks.
#include <algorithm>

#include "libbroker/record/batch_builder.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"
#include "tests/unit/node/cluster_fixture.h"

namespace kt::node {
namespace {

class ClosestReplica : public ClusterFixture {
 protected:
  static constexpr const char* by_rack = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

  /// Broker N is in rack "rN"; 2 leads the only partition of "t", with `records` records that all know to be
  /// committed.
  void start_three(int records, metadata::ConfigMap properties = {{"replica.selector.class", by_rack}}) {
    properties.insert({{"replica.lag.time.max.ms", "2000"}, {"broker.session.timeout.ms", "60000"}});
    for (int32_t id = 1; id <= 3; ++id) {
      properties["broker.rack"] = "r" + std::to_string(id);
      add_node(id, 3, properties);
    }
    for (int32_t id = 1; id <= 3; ++id) start(id);
    for (int32_t id = 1; id <= 3; ++id) wait_until_serving(id);
    wire::CreateTopicsRequest request;
    request.topics.push_back({.name = "t", .num_partitions = -1, .replication_factor = -1});
    request.topics[0].assignments.push_back({.partition_index = 0, .broker_ids = {2, 3, 1}});
    ASSERT_TRUE(ask<wire::CreateTopicsResponse>(1, request));
    for (int32_t id = 1; id <= 3; ++id) ask_until([&] { return has_topic(id, "t"); }, "it is not known");
    for (int i = 0; i < records; ++i) produce();
    world_.run_for(2'000);
  }
  void produce() {
    record::BatchBuilder batch;
    batch.append({.timestamp = 1, .value = as_bytes(std::string_view("v"))});
    wire::ProduceRequest request{.acks = -1, .timeout_ms = 10'000};
    request.topic_data.push_back({.name = "t", .partition_data = {{.index = 0}}});
    request.topic_data[0].partition_data[0].records.pieces = {Slice::own(batch.build())};
    const auto response = ask<wire::ProduceResponse>(2, request, 12);
    ASSERT_TRUE(response);
    ASSERT_EQ(response->responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
  }
  static wire::FetchRequest request_for(const std::string& rack, int64_t offset, int32_t wait_ms = 0) {
    wire::FetchRequest request{.max_wait_ms = wait_ms, .min_bytes = 1};
    request.rack_id = rack;
    request.topics.push_back(
        {.topic = "t",
         .partitions = {{.partition = 0, .fetch_offset = offset, .partition_max_bytes = 1 << 20}}});
    return request;
  }
  wire::FetchResponse::PartitionData fetch(int32_t at, const std::string& rack, int64_t offset = 0,
                                           int16_t version = 12) {
    const auto response = ask<wire::FetchResponse>(at, request_for(rack, offset), version);
    if (!response) return {.error_code = response.error().code};
    return response->responses.at(0).partitions.at(0);
  }
};

TEST_F(ClosestReplica, TheLeaderSendsAConsumerToTheFollowerInItsRack) {
  start_three(3);
  const auto sent_away = fetch(2, "r3");
  EXPECT_EQ(sent_away.error_code, ErrorCode::none);
  EXPECT_EQ(sent_away.preferred_read_replica, 3);
  EXPECT_EQ(sent_away.records.size(), 0u);
  EXPECT_EQ(sent_away.high_watermark, 3);
  for (const char* rack : {"r2", "nowhere", ""}) {
    const auto served = fetch(2, rack);
    EXPECT_EQ(served.preferred_read_replica, -1) << rack;
    EXPECT_GT(served.records.size(), 0u) << rack;
  }
  EXPECT_EQ(fetch(2, "r3", 0, 10).preferred_read_replica, -1) << "of a version without racks";
}

TEST_F(ClosestReplica, OnlyAReplicaThatKeepsUpIsPreferred) {
  start_three(3);
  machine(3).pause();
  produce();  // once it is out of the ISR
  EXPECT_EQ(fetch(2, "r3").preferred_read_replica, -1);
  EXPECT_EQ(fetch(2, "r1").preferred_read_replica, 1);
  machine(3).resume();
  ask_until([&] { return fetch(2, "r3").preferred_read_replica == 3; }, "it is not preferred again");
}

TEST_F(ClosestReplica, WithoutASelectorTheLeaderServesEveryone) {
  start_three(1, {});
  EXPECT_EQ(fetch(2, "r3").preferred_read_replica, -1);
  EXPECT_GT(fetch(2, "r3").records.size(), 0u);
}

TEST_F(ClosestReplica, AFollowerServesUpToItsHighWatermark) {
  start_three(3);
  const auto served = fetch(3, "r3");
  EXPECT_EQ(served.error_code, ErrorCode::none);
  EXPECT_EQ(served.high_watermark, 3);
  EXPECT_GT(served.records.size(), 0u);
  EXPECT_EQ(served.preferred_read_replica, -1);
  EXPECT_EQ(fetch(3, "r3", 3).error_code, ErrorCode::none) << "at its end there is nothing yet";
  EXPECT_EQ(fetch(3, "r3", 4).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(fetch(3, "r3", 0, 10).error_code, ErrorCode::not_leader_or_follower)
      << "older consumers read from leaders";
}

TEST_F(ClosestReplica, AFollowerChecksTheLeaderEpoch) {
  start_three(1);
  auto request = request_for("r3", 0);
  auto& at = request.topics[0].partitions[0];
  const auto outcome = [&](int32_t epoch) {
    at.current_leader_epoch = epoch;
    const auto response = ask<wire::FetchResponse>(3, request, 12);
    return response ? response->responses.at(0).partitions.at(0).error_code : response.error().code;
  };
  EXPECT_EQ(outcome(0), ErrorCode::none);
  EXPECT_EQ(outcome(1), ErrorCode::unknown_leader_epoch);
}

TEST_F(ClosestReplica, WhoWaitsAtAFollowerGetsWhatIsCommitted) {
  start_three(1);
  const auto waits = begin<wire::FetchResponse>(3, request_for("r3", 1, 30'000), 12);
  world_.run_for(1'000);
  ASSERT_FALSE(waits.has_come());
  produce();
  run_until([&] { return waits.has_come(); }, "it is not woken", 3'000);
  const auto response = waits.get();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->responses.at(0).partitions.at(0).high_watermark, 2);
  EXPECT_GT(response->responses[0].partitions[0].records.size(), 0u);
}

}  // namespace
}  // namespace kt::node
