#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/record/batch_builder.h"
#include "libbroker/sim/sim_clock.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/02_list_offsets.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/21_delete_records.h"
#include "tests/unit/node/cluster_fixture.h"

namespace kt::node {

using Partition = wire::MetadataResponse::MetadataResponsePartition;

/// Partition 0 of the topic t, on three nodes.
class Replication : public ClusterFixture {
 protected:
  /// Nodes 1 to 3; the quorum is node 1's alone with `voters` 1.
  void start_three(int32_t voters, metadata::ConfigMap properties = {}) {
    properties.insert({{"min.insync.replicas", "2"}, {"broker.session.timeout.ms", "3000"}});
    for (int32_t id = 1; id <= 3; ++id) {
      if (id > voters) properties["process.roles"] = "broker";
      if (id > voters) properties["listeners"] = "PLAINTEXT://n" + std::to_string(id) + ":9092";
      add_node(id, voters, properties);
    }
    for (int32_t id = 1; id <= 3; ++id) start(id);
    for (int32_t id = 1; id <= 3; ++id) wait_until_serving(id);
  }
  /// Led by broker 2 as long as it may be.
  void create(const std::vector<int32_t>& replicas = {2, 3, 1}) {
    wire::CreateTopicsRequest request;
    request.topics.push_back({.name = "t", .num_partitions = -1, .replication_factor = -1});
    request.topics[0].assignments.push_back({.partition_index = 0, .broker_ids = replicas});
    const auto response = ask<wire::CreateTopicsResponse>(1, request);
    ASSERT_TRUE(response) << response.error().message;
    ASSERT_EQ(response->topics.at(0).error_code, ErrorCode::none);
    for (int32_t id = 1; id <= 3; ++id) ask_until([&] { return leader(id) == 2; }, "it is not known");
  }
  Partition describe(int32_t by) {
    wire::MetadataRequest request;
    request.topics = {{.name = "t"}};
    const auto response = ask<wire::MetadataResponse>(by, request);
    if (!response || response->topics.at(0).partitions.empty()) return {.leader_id = -1};
    return response->topics.at(0).partitions.at(0);
  }
  int32_t leader(int32_t by) { return describe(by).leader_id; }
  std::vector<int32_t> isr(int32_t by) {
    auto ids = describe(by).isr_nodes;
    std::ranges::sort(ids);
    return ids;
  }
  ErrorCode produce(int32_t to, const std::string& value, int16_t acks = -1, int32_t timeout_ms = 10'000,
                    const std::string& topic = "t") {
    return produce_batch(to, record::BatchBuilder(), value, acks, timeout_ms, topic);
  }
  ErrorCode produce_in_sequence(int32_t to, int32_t sequence, int16_t acks = -1,
                                int32_t timeout_ms = 10'000) {
    return produce_batch(
        to, record::BatchBuilder({.producer_id = 7, .producer_epoch = 0, .base_sequence = sequence}), "s",
        acks, timeout_ms, "t");
  }
  ErrorCode produce_batch(int32_t to, record::BatchBuilder batch, const std::string& value, int16_t acks,
                          int32_t timeout_ms, const std::string& topic) {
    batch.append({.timestamp = sim::SimClock::epoch_ms, .value = std::as_bytes(std::span(value))});
    wire::ProduceRequest request{.acks = acks, .timeout_ms = timeout_ms};
    request.topic_data.push_back({.name = topic, .partition_data = {{.index = 0}}});
    request.topic_data[0].partition_data[0].records.pieces = {Slice::own(batch.build())};
    const auto response = ask<wire::ProduceResponse>(to, request, 12);
    return response ? response->responses.at(0).partition_responses.at(0).error_code : response.error().code;
  }
  /// High watermark, as consumers see it.
  int64_t committed(int32_t at) {
    wire::FetchRequest request{.max_bytes = 1};
    request.topics.push_back({.topic = "t", .partitions = {{.partition = 0, .partition_max_bytes = 1}}});
    const auto response = ask<wire::FetchResponse>(at, request, 12);
    return response ? response->responses.at(0).partitions.at(0).high_watermark : -1;
  }
  static wire::DeleteRecordsRequest delete_request(int64_t before, int32_t timeout_ms) {
    wire::DeleteRecordsRequest request{.timeout_ms = timeout_ms};
    request.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .offset = before}}});
    return request;
  }
  std::pair<ErrorCode, int64_t> delete_before(int32_t at, int64_t before, int32_t timeout_ms = 10'000) {
    const auto response = ask<wire::DeleteRecordsResponse>(at, delete_request(before, timeout_ms));
    if (!response) return {response.error().code, -2};
    const auto& answered = response->topics.at(0).partitions.at(0);
    return {answered.error_code, answered.low_watermark};
  }
  int64_t log_start(int32_t at) {
    wire::ListOffsetsRequest request;
    request.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .timestamp = -2}}});
    const auto response = ask<wire::ListOffsetsResponse>(at, request);
    return response ? response->topics.at(0).partitions.at(0).offset : -2;
  }
  std::string log_bytes(int32_t id, const std::string& segment = "00000000000000000000") {
    const auto bytes = machine(id).disk().read_all("/data/t-0/" + segment + ".log");
    return bytes ? std::string(bytes->begin(), bytes->end()) : "none";
  }
  void cut(int32_t a, int32_t b) {
    world_.network().links().block({machine(a).id(), machine(b).id()});
    world_.network().links().block({machine(b).id(), machine(a).id()});
  }
  void heal() { world_.network().links().heal(); }
  /// Whether or not a process runs there.
  bool is_marked_clean(int32_t id) {
    return std::ranges::count(machine(id).disk().files(), "/data/.kafka_cleanshutdown") > 0;
  }
  bool are_logs_the_same() { return log_bytes(1) == log_bytes(2) && log_bytes(2) == log_bytes(3); }
};

}  // namespace kt::node
