// What nodes ask a controller, on its listener: every API at every version, by who may and by who may not.
#include <gtest/gtest.h>

#include <algorithm>

#include "libbroker/node/quorum_messages.h"
#include "libbroker/wire/60_describe_cluster.h"
#include "libbroker/wire/principal.h"
#include "tests/unit/node/exchanges.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

constexpr Port controller_port{.number = 9093};
constexpr int16_t quorum_fetch_since = 12;

/// Allows everything but what makes a node of the cluster.
class NoNode final : public api::Authorizer {
 public:
  bool is_enabled() const override { return true; }
  bool allows(std::string_view, std::string_view, api::Operation operation, api::ResourceType,
              std::string_view) const override {
    return operation != api::Operation::cluster_action;
  }
  bool allows_on_any(std::string_view, std::string_view, api::Operation, api::ResourceType) const override {
    return true;
  }
};

/// Sends the emptiest request of every version, and expects an error or none of the answer as a whole.
struct AskEveryVersion {
  OneNode& node;
  std::optional<ErrorCode> expected = {};  // none: any
  std::vector<int16_t> keys = {};

  template <class Request, class Response>
  void operator()() {
    keys.push_back(Request::api_key);
    const bool is_fetch = Request::api_key == wire::FetchRequest::api_key;
    const int16_t first = is_fetch ? quorum_fetch_since : Request::min_version;
    for (int16_t version = first; version <= Request::max_version; ++version) {
      SCOPED_TRACE(std::string(Request::type_name) + " v" + std::to_string(version));
      const auto response = node.try_ask<Response>(Request(), version, controller_port);
      ASSERT_TRUE(response) << response.error().message;
      EXPECT_EQ(response->error_code, expected.value_or(response->error_code));
    }
  }
};

TEST(ControllerListener, AnswersEveryVersion) {
  OneNode node;
  ASSERT_TRUE(node.start());
  AskEveryVersion ask{node};
  visit_node_exchanges(ask);

  wire::ApiVersionsRequest request;
  request.client_software_name = "test", request.client_software_version = "1";
  const auto listed = node.ask<wire::ApiVersionsResponse>(request, 4, controller_port).api_keys;
  for (const int16_t key : ask.keys)
    EXPECT_EQ(std::ranges::count(listed, key, &wire::ApiVersionsResponse::ApiVersion::api_key), 1) << key;
}

TEST(ControllerListener, RefusesWhoIsNoNode) {
  OneNode node({.authorizer = std::make_shared<NoNode>()});
  ASSERT_TRUE(node.start());
  AskEveryVersion ask{node, ErrorCode::cluster_authorization_failed};
  visit_node_exchanges(ask);
}

TEST(ControllerListener, KnowsNoOldFetch) {
  OneNode node;
  ASSERT_TRUE(node.start());
  EXPECT_FALSE(
      node.try_ask<wire::FetchResponse>(wire::FetchRequest(), quorum_fetch_since - 1, controller_port));
}

TEST(ControllerListener, AnotherClustersReplicaIsRefused) {
  OneNode node;
  ASSERT_TRUE(node.start());
  wire::VoteRequest request{.cluster_id = "another"};
  request.topics.push_back({"__cluster_metadata", {{.replica_epoch = 5, .replica_id = 2}}});
  const auto response = node.ask<wire::VoteResponse>(request, 2, controller_port);
  EXPECT_EQ(response.error_code, ErrorCode::inconsistent_cluster_id);
}

// Nobody would serve the metadata any more if one request could end the controller.
TEST(ControllerListener, OutlivesARegistrationThatNobodyCouldApply) {
  OneNode node;
  const auto serving = node.start();
  ASSERT_TRUE(serving);
  wire::BrokerRegistrationRequest broker{.broker_id = 7, .cluster_id = serving->cluster_id};
  broker.listeners.push_back({"PLAINTEXT", "host", 9092, 7});
  broker.features.push_back({"metadata.version", 7, metadata::metadata_version_latest});
  broker.features.push_back({std::string(metadata::eligible_leaders_feature), 0, 1});
  broker.log_dirs.push_back({1, 1000});
  const auto refused = node.ask<wire::BrokerRegistrationResponse>(broker, 4, controller_port);
  EXPECT_EQ(refused.error_code, ErrorCode::invalid_registration);
  wire::ControllerRegistrationRequest controller{.controller_id = 7};
  controller.listeners.push_back({"CONTROLLER", "host", 9093, -1});
  const auto told = node.ask<wire::ControllerRegistrationResponse>(controller, 0, controller_port);
  EXPECT_EQ(told.error_code, ErrorCode::invalid_registration);
  EXPECT_NO_THROW(node.create_topic("orders"));
}

wire::FetchResponse fetch_metadata(OneNode& node, Port port) {
  wire::FetchRequest request{.replica_state = {.replica_id = 7}};
  request.topics.push_back({.topic_id = metadata_topic_id, .partitions = {{.current_leader_epoch = 1}}});
  return node.ask<wire::FetchResponse>(request, 17, port);
}

// Brokers that know nothing but a bootstrap server's address find the leader by its answer.
TEST(ControllerListener, ALeaderThatListensEverywhereIsWhereItWasFound) {
  OneNode node({.properties = {{"controller.quorum.voters", ""},
                               {"controller.quorum.bootstrap.servers", "server:9093"}}});
  ASSERT_TRUE(node.start());
  const auto response = fetch_metadata(node, controller_port);
  ASSERT_EQ(response.node_endpoints.size(), 1u);
  EXPECT_EQ(response.node_endpoints[0].node_id, OneNode::node_id);
  EXPECT_EQ(response.node_endpoints[0].port, controller_port.number);
  EXPECT_FALSE(response.node_endpoints[0].host.empty());
}

TEST(ControllerListener, ALeaderThatTheVotersNameIsNotNamedAnew) {
  OneNode node;
  ASSERT_TRUE(node.start());
  EXPECT_TRUE(fetch_metadata(node, controller_port).node_endpoints.empty());
}

constexpr int8_t of_brokers = 1;

TEST(ControllerListener, DoesNotTellOfBrokers) {
  OneNode node;
  ASSERT_TRUE(node.start());
  const auto response = node.ask<wire::DescribeClusterResponse>(
      wire::DescribeClusterRequest{.endpoint_type = of_brokers}, 2, controller_port);
  EXPECT_EQ(response.error_code, ErrorCode::mismatched_endpoint_type);
}

TEST(ControllerListener, InZooKeepersPlaceTellsOfBrokers) {
  constexpr Port port{.number = 2181};
  OneNode node({.properties = {{"listeners", "PLAINTEXT://:9092,ZOOKEEPER://:2181"},
                               {"advertised.listeners", "PLAINTEXT://server:9092"},
                               {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,ZOOKEEPER:PLAINTEXT"},
                               {"controller.listener.names", "ZOOKEEPER"}}});
  const auto serving = node.start();
  ASSERT_TRUE(serving);
  const auto response = node.ask<wire::DescribeClusterResponse>(
      wire::DescribeClusterRequest{.endpoint_type = of_brokers}, 2, port);
  EXPECT_EQ(response.error_code, ErrorCode::none);
  EXPECT_EQ(response.cluster_id, serving->cluster_id);
  ASSERT_EQ(response.brokers.size(), 1u);
  EXPECT_EQ(response.brokers[0].broker_id, OneNode::node_id);
  EXPECT_EQ(response.brokers[0].host, "server");
  EXPECT_EQ(response.brokers[0].port, 9092);
}

// Envelopes.

Slice joined(const std::vector<Piece>& pieces) {
  std::vector<std::byte> bytes;
  for (const Piece& piece : pieces) {
    const auto& slice = std::get<Slice>(piece);
    bytes.insert(bytes.end(), slice.bytes.begin(), slice.bytes.end());
  }
  return Slice::own(std::move(bytes));
}

Slice principal(const std::string& name) {
  wire::Encoder encoder(0, true);
  int16_t version = 0;
  encoder.value(version);
  wire::DefaultPrincipalData data{.type = "User", .name = name};
  encoder.value(data);
  return joined(encoder.take());
}

/// Notes by whom, and from where, a topic was to be created.
class Noting final : public api::Authorizer {
 public:
  bool is_enabled() const override { return true; }
  bool allows(std::string_view by, std::string_view host, api::Operation operation, api::ResourceType,
              std::string_view) const override {
    if (operation == api::Operation::create) asked = std::string(by) + " from " + std::string(host);
    return true;
  }
  bool allows_on_any(std::string_view, std::string_view, api::Operation, api::ResourceType) const override {
    return true;
  }
  mutable std::string asked;
};

TEST(Envelope, IsAnsweredForTheClientInIt) {
  const auto authorizer = std::make_shared<Noting>();
  OneNode node({.authorizer = authorizer});
  ASSERT_TRUE(node.start());
  wire::CreateTopicsRequest create;
  create.topics.push_back({.name = "orders", .num_partitions = 2, .replication_factor = 1});
  constexpr std::array host{std::byte{10}, std::byte{1}, std::byte{2}, std::byte{3}};
  const wire::EnvelopeRequest envelope{
      .request_data = joined(wire::encode_request(77, "app", create, 7)),
      .request_principal = principal("alice"),
      .client_host_address = Slice::copy(std::span(host)),
  };
  const auto response = node.ask<wire::EnvelopeResponse>(envelope, 0, controller_port);
  ASSERT_EQ(response.error_code, ErrorCode::none);
  const auto created = wire::decode_response<wire::CreateTopicsResponse>(response.response_data, 77, 7);
  EXPECT_EQ(created.topics.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(authorizer->asked, "User:alice from 10.1.2.3");
}

TEST(Envelope, TakesNothingThatIsNotForwarded) {
  OneNode node;
  ASSERT_TRUE(node.start());
  constexpr std::array host{std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}};
  wire::EnvelopeRequest envelope{
      .request_data = joined(wire::encode_request(1, "app", wire::MetadataRequest(), 12)),
      .request_principal = principal("alice"),
      .client_host_address = Slice::copy(std::span(host))};
  const auto error_of = [&] {
    return node.ask<wire::EnvelopeResponse>(envelope, 0, controller_port).error_code;
  };
  EXPECT_EQ(error_of(), ErrorCode::invalid_request);
  envelope.request_data = joined(wire::encode_request(1, "app", wire::DeleteTopicsRequest(), 6));
  EXPECT_EQ(error_of(), ErrorCode::none);
  envelope.client_host_address = Slice::copy(std::span(host).first(3));
  EXPECT_EQ(error_of(), ErrorCode::invalid_request);
  envelope.request_principal = Slice::empty();
  EXPECT_EQ(error_of(), ErrorCode::principal_deserialization_failure);
}

}  // namespace
}  // namespace kt::node
