// Several whole nodes with one metadata quorum, over the simulated network.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "libbroker/base/gather.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/45_alter_partition_reassignments.h"
#include "libbroker/wire/46_list_partition_reassignments.h"
#include "libbroker/wire/55_describe_quorum.h"
#include "libbroker/wire/58_envelope.h"
#include "libbroker/wire/60_describe_cluster.h"
#include "libbroker/wire/principal.h"
#include "tests/unit/node/cluster_fixture.h"

namespace kt::node {
namespace {

using Quorum = wire::DescribeQuorumResponse;

class Cluster : public ClusterFixture {
 protected:
  /// As the node tells it, of the only partition.
  Result<Quorum::PartitionData> describe_quorum(int32_t id, uint16_t port = broker_port) {
    wire::DescribeQuorumRequest request;
    request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
    auto response = ask<Quorum>(id, request, Quorum::max_version, port);
    if (!response) return fail(response.error());
    if (response->error_code != ErrorCode::none) return fail(response->error_code);
    return response->topics.at(0).partitions.at(0);
  }
  /// Of the leader's log, as it tells who fetches.
  int64_t metadata_log_start(int32_t leader) {
    wire::FetchRequest request;
    request.topics.push_back({.topic = "__cluster_metadata", .topic_id = {0, 1}});
    request.topics[0].partitions.push_back({.partition = 0,
                                            .current_leader_epoch = describe_quorum(leader)->leader_epoch,
                                            .last_fetched_epoch = 0});
    const auto response = ask<wire::FetchResponse>(leader, request, 17, controller_port);
    return response ? response->responses.at(0).partitions.at(0).log_start_offset : -1;
  }
  /// Where the oldest segment on a node's disk begins.
  std::string oldest_metadata_segment(int32_t id) {
    const auto entries = machine(id).disk().list("/data/__cluster_metadata-0");
    const auto oldest =
        std::ranges::find_if(*entries, [](const DirEntry& entry) { return entry.name.ends_with(".log"); });
    return oldest != entries->end() ? oldest->name : "";
  }
  std::vector<int32_t> others(int32_t of, int32_t count = 3) {
    std::vector<int32_t> ids;
    for (int32_t id = 1; id <= count; ++id)
      if (id != of) ids.push_back(id);
    return ids;
  }
};

TEST_F(Cluster, ThreeNodesElectOneLeaderAndServe) {
  start_cluster(3);
  const int32_t leader = wait_for_leader({1, 2, 3});
  for (int32_t id = 1; id <= 3; ++id) {
    const auto described = describe_quorum(id);  // each knows, or asks who does
    ASSERT_TRUE(described) << described.error().message;
    EXPECT_EQ(described->error_code, ErrorCode::none);
    EXPECT_EQ(described->leader_id, leader);
    EXPECT_EQ(described->current_voters.size(), 3u);
    EXPECT_TRUE(described->observers.empty());
  }
  const int32_t follower = others(leader).front();
  EXPECT_EQ(describe_quorum(follower, controller_port)->error_code, ErrorCode::not_leader_or_follower);
}

TEST_F(Cluster, WhatOneNodeMadeIsThereWhenItAnswers) {
  start_cluster(3);
  for (int32_t id = 1; id <= 3; ++id) {
    const std::string name = "by-" + std::to_string(id);
    ASSERT_EQ(create_topic(id, name, 6), ErrorCode::none);
    EXPECT_TRUE(has_topic(id, name));
    ask_until([&] { return has_topic(1, name) && has_topic(2, name) && has_topic(3, name); },
              "a node does not learn");
  }
  EXPECT_EQ(create_topic(1, "by-2"), ErrorCode::topic_already_exists);
}

TEST_F(Cluster, EveryNodeTakesMovesOfPartitions) {
  start_cluster(3);
  ASSERT_EQ(create_topic(1, "t"), ErrorCode::none);
  using Alter = wire::AlterPartitionReassignmentsRequest;
  for (const int32_t id : {1, 2, 3}) {
    for (int16_t version = Alter::min_version; version <= Alter::max_version; ++version) {
      const auto reply = ask<wire::AlterPartitionReassignmentsResponse>(
          id,
          Alter{.topics = {{.name = "t", .partitions = {{0, std::nullopt}, {0, {{id, id}}}}},
                           {.name = "none", .partitions = {{0, {{id}}}}}}},
          version);
      ASSERT_TRUE(reply);
      EXPECT_EQ(reply->error_code, ErrorCode::none);
      ASSERT_EQ(reply->responses.size(), 2u);
      EXPECT_EQ(reply->responses[0].partitions.at(0).error_code, ErrorCode::no_reassignment_in_progress);
      EXPECT_EQ(reply->responses[0].partitions.at(1).error_code, ErrorCode::invalid_replica_assignment);
      EXPECT_EQ(reply->responses[1].partitions.at(0).error_code, ErrorCode::unknown_topic_or_partition);
    }
    const auto moves = ask<wire::ListPartitionReassignmentsResponse>(
        id, wire::ListPartitionReassignmentsRequest{.topics = std::nullopt});
    ASSERT_TRUE(moves);
    EXPECT_EQ(moves->error_code, ErrorCode::none);
    EXPECT_TRUE(moves->topics.empty());
  }
}

TEST_F(Cluster, TwoGoOnWithoutTheirLeaderAndItComesBack) {
  start_cluster(3);
  const int32_t first = wait_for_leader({1, 2, 3});
  ASSERT_EQ(create_topic(others(first)[0], "before"), ErrorCode::none);
  kill(first);
  const auto left = others(first);
  ASSERT_EQ(create_topic(left[0], "meanwhile"), ErrorCode::none);  // waits for the next leader
  EXPECT_NE(wait_for_leader(left), first);
  EXPECT_TRUE(has_topic(left[0], "before"));

  start(first);
  wait_until_serving(first);
  EXPECT_TRUE(has_topic(first, "meanwhile"));
}

TEST_F(Cluster, ALeaderThatStopsHandsOver) {
  start_cluster(3);
  const int32_t first = wait_for_leader({1, 2, 3});
  const auto before_ms = world_.now_ms();
  stop(first);
  wait_for_leader(others(first));
  EXPECT_LT(world_.now_ms() - before_ms, 1000) << "longer than an election takes that nobody waits for";
}

TEST_F(Cluster, OneOfThreeDecidesNothing) {
  start_cluster(3, {{"request.timeout.ms", "3000"}});
  const int32_t leader = wait_for_leader({1, 2, 3});
  for (const int32_t id : others(leader)) kill(id);
  const auto refused = ask<wire::CreateTopicsResponse>(
      leader, wire::CreateTopicsRequest{.topics = {{.name = "lonely", .num_partitions = 1, .replication_factor = 1}},
                                        .timeout_ms = 3000});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->topics.at(0).error_code, ErrorCode::request_timed_out);
  EXPECT_THAT(refused->topics.at(0).error_message.value_or(""), testing::HasSubstr("a majority of the controllers"));
  EXPECT_FALSE(has_topic(leader, "lonely"));
}

TEST_F(Cluster, BrokersObserveAQuorumOfOthers) {
  add_node(1, 1, {{"process.roles", "controller"}, {"listeners", "CONTROLLER://n1:9093"}});
  for (int32_t id = 2; id <= 3; ++id)
    add_node(id, 1,
             {{"process.roles", "broker"}, {"listeners", "PLAINTEXT://n" + std::to_string(id) + ":9092"}});
  for (int32_t id = 1; id <= 3; ++id) start(id);
  for (int32_t id = 1; id <= 3; ++id) wait_until_serving(id);

  ASSERT_EQ(create_topic(2, "orders", 4), ErrorCode::none);
  ask_until([&] { return has_topic(3, "orders"); }, "a broker does not learn");
  const auto described = describe_quorum(3);
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_EQ(described->leader_id, 1);
  EXPECT_EQ(described->current_voters.size(), 1u);
  EXPECT_EQ(described->observers.size(), 2u);
}

TEST_F(Cluster, ControllersAreDescribedOnTheirListener) {
  start_cluster(3);
  const int32_t leader = wait_for_leader({1, 2, 3});
  wire::DescribeClusterRequest request;
  request.endpoint_type = 2;
  Result<wire::DescribeClusterResponse> described = fail(ErrorCode::none);
  ask_until(
      [&] {
        described = ask<wire::DescribeClusterResponse>(1, request, 1, controller_port);
        return described && described->brokers.size() == 3;
      },
      "the controllers are not registered");
  EXPECT_EQ(described->controller_id, leader);
  for (const auto& controller : described->brokers) EXPECT_EQ(controller.port, controller_port);
}

TEST_F(Cluster, ATopicIsDeletedByWayOfAnyBrokerInEveryVersion) {
  start_cluster(3);
  const int32_t follower = others(wait_for_leader({1, 2, 3})).front();
  for (int16_t version = 1; version <= wire::DeleteTopicsRequest::max_version; ++version) {
    ASSERT_EQ(create_topic(follower, "orders"), ErrorCode::none);
    wire::DeleteTopicsRequest request{.timeout_ms = 1'000};
    if (version < 6)
      request.topic_names = {"orders"};
    else
      request.topics = {{.name = "orders"}};
    const auto response = ask<wire::DeleteTopicsResponse>(follower, request, version);
    ASSERT_TRUE(response) << "version " << version << ": " << response.error().message;
    EXPECT_EQ(response->responses.at(0).error_code, ErrorCode::none);
    EXPECT_FALSE(has_topic(follower, "orders"));
  }
}

/// A broker of Kafka's goes on asking the controller that it asked last, if that one has come back, until
/// told to ask another.
TEST_F(Cluster, ThatTopicsAreNotDeletedIsSaidAsTheVersionKnowsIt) {
  start_cluster(2, {{"delete.topic.enable", "false"}});
  for (int32_t id = 1; id <= 2; ++id) {
    for (int16_t version = 1; version <= 6; ++version) {
      wire::DeleteTopicsRequest request;
      if (version < 6)
        request.topic_names = {"t"};
      else
        request.topics = {{.name = "t"}};
      const auto response = ask<wire::DeleteTopicsResponse>(id, request, version);
      ASSERT_TRUE(response) << response.error().message;
      EXPECT_EQ(response->responses.at(0).error_code,
                version < 3 ? ErrorCode::invalid_request : ErrorCode::topic_deletion_disabled)
          << "version " << version << " by way of " << id;
    }
  }
}

TEST_F(Cluster, AnEnvelopeForWhoDoesNotLeadIsForAnother) {
  start_cluster(3);
  const int32_t leader = wait_for_leader({1, 2, 3});
  const int32_t follower = others(leader).front();
  constexpr int32_t correlation_id = 5;
  constexpr std::array host{std::byte{10}, std::byte{1}, std::byte{2}, std::byte{3}};
  wire::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
  wire::DefaultPrincipalData alice{.type = "User", .name = "alice"};
  wire::Encoder principal(0, true);
  int16_t version = 0;
  principal.value(version);
  principal.value(alice);
  const wire::EnvelopeRequest envelope{
      .request_data = *gather(wire::encode_request(correlation_id, "app", request, 2)),
      .request_principal = *gather(principal.take()),
      .client_host_address = Slice::copy(std::span(host)),
  };
  const auto refused = ask<wire::EnvelopeResponse>(follower, envelope, 0, controller_port);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->error_code, ErrorCode::not_controller);
  const auto answered = ask<wire::EnvelopeResponse>(leader, envelope, 0, controller_port);
  ASSERT_TRUE(answered) << answered.error().message;
  ASSERT_EQ(answered->error_code, ErrorCode::none);
  const auto described = wire::decode_response<Quorum>(answered->response_data, correlation_id, 2);
  EXPECT_EQ(described.topics.at(0).partitions.at(0).leader_id, leader);
  // Asked by itself it says so of the partition.
  const auto direct = describe_quorum(follower, controller_port);
  ASSERT_TRUE(direct) << direct.error().message;
  EXPECT_EQ(direct->error_code, ErrorCode::not_leader_or_follower);
}

TEST_F(Cluster, WhoWasAwayTakesASnapshot) {
  const metadata::ConfigMap often = {{"metadata.log.max.record.bytes.between.snapshots", "2000"},
                                     {"metadata.log.segment.bytes", "8388608"},
                                     {"metadata.max.retention.bytes", "1"}};
  start_cluster(3, often);
  const int32_t leader = wait_for_leader({1, 2, 3});
  const int32_t away = others(leader)[0], present = others(leader)[1];
  kill(away);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(create_topic(present, "t" + std::to_string(i), 3), ErrorCode::none);
  wire::DeleteTopicsRequest gone;
  gone.topics.push_back({.name = "t0"});
  ASSERT_TRUE(ask<wire::DeleteTopicsResponse>(present, gone));
  ask_until([&] { return metadata_log_start(leader) > 0; }, "the leader's log is not trimmed");

  start(away);
  wait_until_serving(away);
  EXPECT_NE(oldest_metadata_segment(away), "00000000000000000000.log");
  EXPECT_FALSE(has_topic(away, "t0"));
  EXPECT_TRUE(has_topic(away, "t19"));
}

TEST_F(Cluster, ANodeOfAnotherClusterDoesNotStart) {
  for (int32_t id = 1; id <= 3; ++id)
    add_node(id, 3, id == 3 ? metadata::ConfigMap{{"test.cluster.id", "another"}} : metadata::ConfigMap{});
  for (int32_t id = 1; id <= 3; ++id) start(id);
  wait_until_serving(1);
  wait_until_serving(2);
  run_until([&] { return server(3).serving.has_value(); }, "it does not give up");
  ASSERT_FALSE(*server(3).serving);
  EXPECT_EQ(server(3).serving->error().code, ErrorCode::inconsistent_cluster_id);
  EXPECT_NE(server(3).serving->error().message.find("is of another cluster: cluster.id here is another"),
            std::string::npos)
      << server(3).serving->error().message;
}

TEST_F(Cluster, ABrokersIdIsItsOwn) {
  add_node(1, 1, {{"process.roles", "controller"}, {"listeners", "CONTROLLER://n1:9093"}});
  const auto broker = [](const std::string& host) {
    return metadata::ConfigMap{{"process.roles", "broker"},
                               {"node.id", "2"},
                               {"listeners", "PLAINTEXT://" + host + ":9092"},
                               {"initial.broker.registration.timeout.ms", "20000"}};
  };
  add_node(2, 1, broker("n2"));
  add_node(3, 1, broker("n3"));
  start(1);
  start(2);
  wait_until_serving(2);
  start(3);
  run_until([&] { return server(3).serving.has_value(); }, "it does not give up");
  ASSERT_FALSE(*server(3).serving);
  EXPECT_EQ(server(3).serving->error().message,
            "node.id 2 is in use by another broker, which is alive. Give this one an id of its own.");
}

}  // namespace
}  // namespace kt::node
