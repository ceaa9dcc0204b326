#include "libbroker/client/cluster.h"

#include <gtest/gtest.h>

#include "libbroker/wire/19_create_topics.h"
#include "tests/unit/client/fake_cluster.h"

namespace kt::client {
namespace {

using wire::CreateTopicsRequest, wire::CreateTopicsResponse;

class ClusterTest : public testing::Test {
 protected:
  ClusterTest() {
    brokers.add_broker(1);
    brokers.add_broker(2);
    brokers.metadata.controller_id = 2;
    brokers.on<CreateTopicsRequest, CreateTopicsResponse>(
        [this](int32_t node, const CreateTopicsRequest&, auto answer) {
          asked.push_back(node);
          answer({});
        });
  }

  void create(CallOptions options = {}) {
    cluster->call<CreateTopicsResponse>(
        Target::controller(), CreateTopicsRequest{},
        [this](Result<CreateTopicsResponse> response) {
          outcomes.push_back(response ? "created" : response.error().message);
        },
        options);
  }

  FakeCluster brokers;
  std::unique_ptr<Cluster> cluster =
      std::make_unique<Cluster>(brokers.loop, brokers, brokers.clock, brokers.options());
  std::vector<int32_t> asked;  // nodes
  std::vector<std::string> outcomes;
};

using Outcomes = std::vector<std::string>;

TEST_F(ClusterTest, WhoToldWhatDoesNotHoldIsNotAskedAlone) {
  std::vector<int32_t> told;
  brokers.on<wire::MetadataRequest, wire::MetadataResponse>(
      [&](int32_t node, const wire::MetadataRequest&, auto answer) {
        told.push_back(node);
        answer(brokers.metadata);
      });
  const auto refresh = [&] {
    cluster->refresh(std::vector<std::string>{}, false, [](const auto&) {});
    brokers.run_ms(1);
    return told.back();
  };
  EXPECT_EQ(refresh(), 1);
  EXPECT_EQ(refresh(), 1);
  cluster->distrust();
  brokers.run_ms(1);
  EXPECT_EQ(refresh(), 2);
  EXPECT_EQ(refresh(), 2);
  brokers.unreachable = {1};
  brokers.disconnect(1);
  brokers.run_ms(1);
  cluster->distrust();
  EXPECT_EQ(refresh(), 2) << "nobody waits for who cannot be reached";
  EXPECT_EQ(told.size(), 5u);
}

TEST_F(ClusterTest, TheControllerIsAskedWhomMetadataNames) {
  create();
  brokers.run_ms(1);
  EXPECT_EQ(asked, std::vector<int32_t>{2});
  EXPECT_EQ(outcomes, Outcomes{"created"});
  EXPECT_EQ(brokers.metadata_requests, 1);
}

TEST_F(ClusterTest, WhereTheNamedControllerIsDeadMetadataIsAskedForAnother) {
  brokers.unreachable = {2};
  create();
  brokers.run_ms(99);
  EXPECT_EQ(brokers.metadata_requests, 1);  // retry.backoff.ms passes in between
  brokers.run_ms(150);
  EXPECT_EQ(brokers.metadata_requests, 3);
  EXPECT_EQ(outcomes, Outcomes{});
  brokers.metadata.controller_id = 1;
  brokers.run_ms(100);
  EXPECT_EQ(asked, std::vector<int32_t>{1});
  EXPECT_EQ(outcomes, Outcomes{"created"});
}

TEST_F(ClusterTest, AControllerThatDiedSinceItWasLearntIsNotInsistedOn) {
  create();
  brokers.run_ms(1);
  brokers.unreachable = {2};
  brokers.disconnect(2);
  brokers.metadata.controller_id = 1;
  brokers.run_ms(1);
  create();
  brokers.run_ms(101);
  EXPECT_EQ(asked, (std::vector<int32_t>{2, 1}));
}

TEST_F(ClusterTest, AControllerThatStaysDeadIsNamedWhenTheTimeIsOver) {
  brokers.unreachable = {2};
  create({.timeout_ms = 1000});
  brokers.run_ms(850);
  EXPECT_EQ(outcomes, Outcomes{});
  brokers.run_ms(150);
  EXPECT_EQ(outcomes, Outcomes{"nobody answers at 10.0.0.2:9092"});
  EXPECT_EQ(asked, std::vector<int32_t>{});
}

TEST_F(ClusterTest, AControllerThatNobodyNamesIsAskedForAgain) {
  brokers.metadata.controller_id = -1;
  create({.timeout_ms = 1000});
  brokers.run_ms(500);
  EXPECT_EQ(outcomes, Outcomes{});
  brokers.metadata.controller_id = 2;
  brokers.run_ms(101);
  EXPECT_EQ(outcomes, Outcomes{"created"});
}

TEST_F(ClusterTest, AClusterThatWasNeverReachedIsReportedAtOnce) {
  brokers.unreachable = {1};
  create();
  brokers.run_ms(1);
  EXPECT_EQ(outcomes, Outcomes{"nobody answers at 10.0.0.1:9092"});
}

TEST_F(ClusterTest, AClusterMayEndWhileItLooksForTheController) {
  brokers.unreachable = {2};
  create();
  brokers.run_ms(50);
  cluster.reset();
  brokers.run_ms(100);
  EXPECT_EQ(brokers.metadata_requests, 1);
}

}  // namespace
}  // namespace kt::client
