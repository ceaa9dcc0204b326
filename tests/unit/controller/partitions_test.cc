#include "libbroker/controller/partitions.h"

#include "tests/unit/controller/leader.h"

namespace kt::controller {
namespace {

class AlterPartitionTest : public testing::Test {
 protected:
  AlterPartitionTest() {
    cluster.start({1, 2, 3});
    cluster.create_with("t", {{1, 2, 3}});
  }
  Cluster cluster;
};

TEST_F(AlterPartitionTest, ShrinksAndExpands) {
  Leader leader(cluster, "t");
  auto answer = leader.wants({1, 2});
  EXPECT_EQ(answer.error_code, ErrorCode::none);
  EXPECT_EQ(answer.isr, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(answer.leader_id, 1);
  EXPECT_EQ(answer.leader_epoch, 0);
  EXPECT_EQ(answer.partition_epoch, 1);
  answer = Leader(cluster, "t").wants({1, 2, 3});
  EXPECT_EQ(answer.partition_epoch, 2);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1,2,3");
  cluster.expect_replay_agrees();
}

TEST_F(AlterPartitionTest, WhatIsAlreadySoIsAnsweredWithoutARecord) {
  EXPECT_EQ(Leader(cluster, "t").wants({1, 2, 3}).error_code, ErrorCode::none);
  EXPECT_TRUE(cluster.last_records.empty());
}

TEST_F(AlterPartitionTest, Version2NamesIdsAlone) {
  Leader leader(cluster, "t");
  leader.data().new_isr = {1, 3};
  const auto reply = cluster.ask(leader.request, 2);
  EXPECT_EQ(reply.topics[0].partitions[0].isr, (std::vector<int32_t>{1, 3}));
}

TEST_F(AlterPartitionTest, RefusesInKafkasOrder) {
  const auto code = [&](auto&& spoil, std::vector<int32_t> isr = {1, 2}) {
    Leader leader(cluster, "t");
    spoil(leader);
    return leader.wants(isr).error_code;
  };
  // Epochs to compare with.
  Leader(cluster, "t").wants({1, 2});
  cluster.ask(wire::ElectLeadersRequest{.topic_partitions = {{{"t", {0}}}}});
  EXPECT_EQ(code([](Leader& l) { l.data().leader_epoch += 1; }), ErrorCode::not_controller);
  EXPECT_EQ(code([](Leader& l) { l.data().partition_epoch += 1; }), ErrorCode::not_controller);
  EXPECT_EQ(code([](Leader& l) { l.data().leader_epoch -= 1; }), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(code([](Leader& l) { l.data().partition_epoch -= 1; }), ErrorCode::invalid_update_version);
  EXPECT_EQ(code([](Leader& l) { l.data().partition_index = 7; }), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(code([](Leader& l) { l.request.topics[0].topic_id = {9, 9}; }), ErrorCode::unknown_topic_id);
  EXPECT_EQ(code([&](Leader& l) {
              l.request.broker_id = 2;
              l.request.broker_epoch = cluster.image().broker(2)->epoch;
            }),
            ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader&) {}, {1, 4}), ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader&) {}, {1, 1}), ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader&) {}, {2, 3}), ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader& l) { l.data().leader_recovery_state = 1; }), ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader& l) { l.data().leader_recovery_state = 1; }, {1}), ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader& l) { l.data().leader_recovery_state = 7; }, {1}), ErrorCode::invalid_request);
  EXPECT_EQ(code([](Leader& l) { l.data().leader_recovery_state = -1; }, {1}), ErrorCode::invalid_request);
  Leader stale(cluster, "t");
  stale.request.broker_epoch += 1;
  EXPECT_EQ(cluster.ask(stale.request).error_code, ErrorCode::stale_broker_epoch);
}

TEST_F(AlterPartitionTest, FencedShuttingDownAndOlderBrokersAreIneligible) {
  cluster.fence(3);
  EXPECT_EQ(Leader(cluster, "t").wants({1, 2, 3}).error_code, ErrorCode::ineligible_replica);
  cluster.unfence(3);
  Leader leader(cluster, "t");
  const int64_t epoch = cluster.image().broker(3)->epoch;
  leader.data().new_isr_with_epochs = {{1, -1}, {3, epoch - 1}};
  EXPECT_EQ(leader.send().error_code, ErrorCode::ineligible_replica);
  leader.data().new_isr_with_epochs = {{1, -1}, {3, -1}};
  EXPECT_EQ(leader.send().error_code, ErrorCode::none);
  cluster.create_with("u", {{3, 1}});
  auto stop = cluster.heartbeat(3);
  stop.want_shut_down = true;
  cluster.ask(stop);
  EXPECT_EQ(Leader(cluster, "t").wants({1, 3}).error_code, ErrorCode::ineligible_replica);
}

TEST(UncleanElection, RecoversAndTheLeaderSaysWhenDone) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}}, {{"unclean.leader.election.enable", "true"}});
  cluster.fence(2);
  cluster.fence(1);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr 1");
  cluster.unfence(2);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 2 isr 2 recovering");
  cluster.unfence(1);
  Leader leader(cluster, "t");
  leader.data().leader_recovery_state = 1;
  EXPECT_EQ(leader.wants({2, 1}).error_code, ErrorCode::invalid_request);
  leader.data().leader_recovery_state = 0;
  EXPECT_EQ(leader.wants({2, 1}).error_code, ErrorCode::none);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 2 isr 2,1");
  cluster.expect_replay_agrees();
}

std::string elect(Cluster& cluster, int8_t type, const std::string& topic, int32_t index) {
  const auto reply =
      cluster.ask(wire::ElectLeadersRequest{.election_type = type, .topic_partitions = {{{topic, {index}}}}});
  const auto& result = reply.replica_election_results.at(0).partition_result.at(0);
  return std::string(name_of(result.error_code)) + (result.error_message ? ": " + *result.error_message : "");
}

TEST(ElectLeaders, PreferredAndUnclean) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  EXPECT_EQ(elect(cluster, 0, "none", 0), "UNKNOWN_TOPIC_OR_PARTITION: No such topic as none");
  EXPECT_EQ(elect(cluster, 0, "t", 5), "UNKNOWN_TOPIC_OR_PARTITION: No such partition as t-5");
  const char* const not_needed = "ELECTION_NOT_NEEDED: Leader election not needed for topic partition.";
  EXPECT_EQ(elect(cluster, 0, "t", 0), not_needed);
  EXPECT_EQ(elect(cluster, 1, "t", 0), not_needed);
  const char* const unavailable = "PREFERRED_LEADER_NOT_AVAILABLE: The preferred leader was not available.";
  cluster.fence(1);
  EXPECT_EQ(elect(cluster, 0, "t", 0), unavailable);
  cluster.unfence(1);
  EXPECT_EQ(elect(cluster, 0, "t", 0), unavailable);  // not in sync yet
  Leader(cluster, "t").wants({1, 2});
  EXPECT_EQ(elect(cluster, 0, "t", 0), "NONE");
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1,2");
  Leader(cluster, "t").wants({1});
  cluster.fence(1);
  cluster.fence(2);
  EXPECT_EQ(elect(cluster, 1, "t", 0),
            "ELIGIBLE_LEADERS_NOT_AVAILABLE: Eligible topic partition leaders are not available.");
  cluster.unfence(2);
  EXPECT_EQ(elect(cluster, 1, "t", 0), "NONE");
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 4 isr 2 recovering");
}

// A request of 4 bytes for each partition was answered 32 KB for each.
TEST(ElectLeaders, ALongNameIsNotRepeatedWhole) {
  Cluster cluster;
  EXPECT_EQ(elect(cluster, 0, std::string(30'000, 'x'), 0),
            "UNKNOWN_TOPIC_OR_PARTITION: No such topic as " + std::string(249, 'x'));
  EXPECT_EQ(elect(cluster, 0, std::string(248, 'x') + "\xC3\xA9", 0),
            "UNKNOWN_TOPIC_OR_PARTITION: No such topic as " + std::string(248, 'x'))
      << "no character is cut";
}

TEST(ElectLeaders, AnUnknownTypeIsRefusedAtEveryPartition) {
  Cluster cluster;
  cluster.start({1});
  cluster.create_with("t", {{1}});
  const auto reply =
      cluster.ask(wire::ElectLeadersRequest{.election_type = 7, .topic_partitions = {{{"t", {0}}}}});
  EXPECT_EQ(reply.error_code, ErrorCode::invalid_request);
  ASSERT_EQ(reply.replica_election_results.size(), 1u);
  const auto& result = reply.replica_election_results[0].partition_result.at(0);
  EXPECT_EQ(result.error_code, ErrorCode::invalid_request);
  EXPECT_EQ(result.error_message, "Unknown election type 7");
  const auto all =
      cluster.ask(wire::ElectLeadersRequest{.election_type = 7, .topic_partitions = std::nullopt});
  EXPECT_EQ(all.error_code, ErrorCode::invalid_request);
  EXPECT_TRUE(all.replica_election_results.empty());
}

TEST(ElectLeaders, APartitionNamedTwiceIsElectedOnce) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.fence(1);
  cluster.unfence(1);
  Leader(cluster, "t").wants({1, 2});
  const auto reply = cluster.ask(wire::ElectLeadersRequest{.topic_partitions = {{{"t", {0, 0}}}}});
  const auto& results = reply.replica_election_results.at(0).partition_result;
  EXPECT_EQ(results.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(results.at(1).error_code, ErrorCode::election_not_needed);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1,2");
}

TEST(ElectLeaders, ForAllPartitionsTellsOnlyWhatWasNeeded) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}, {2, 1}});
  cluster.fence(1);
  cluster.unfence(1);
  Leader(cluster, "t").wants({1, 2});
  const auto reply = cluster.ask(wire::ElectLeadersRequest{.topic_partitions = std::nullopt});
  ASSERT_EQ(reply.replica_election_results.size(), 1u);
  ASSERT_EQ(reply.replica_election_results[0].partition_result.size(), 1u);
  EXPECT_EQ(reply.replica_election_results[0].partition_result[0].partition_id, 0);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1,2");
}

TEST(Rebalance, PreferredLeadersReturnInTime) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.fence(1);
  cluster.unfence(1);
  Leader(cluster, "t").wants({1, 2});
  const auto keep_alive = [&] {
    cluster.ask(cluster.heartbeat(1));
    cluster.ask(cluster.heartbeat(2));
  };
  cluster.now_ms += 299'999;
  keep_alive();
  EXPECT_TRUE(cluster.tick().empty());
  cluster.now_ms += 1;
  EXPECT_EQ(cluster.tick().size(), 1u);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1,2");
}

TEST(Rebalance, LeaderlessPartitionsOfUncleanTopicsAreTriedAgain) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.fence(2);
  cluster.fence(1);
  cluster.unfence(2);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr 1");
  cluster.ask(wire::IncrementalAlterConfigsRequest{
      .resources = {{.resource_type = 2,
                     .resource_name = "t",
                     .configs = {{"unclean.leader.election.enable", 0, "true"}}}}});
  cluster.now_ms += 300'001;
  cluster.ask(cluster.heartbeat(2));
  cluster.tick();  // preferred leaders first
  cluster.tick();
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 2 isr 2 recovering");
}

class ElrTest : public testing::Test {
 protected:
  ElrTest() {
    cluster.start({1, 2, 3});
    EXPECT_EQ(
        cluster
            .ask(wire::UpdateFeaturesRequest{
                .feature_updates = {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}})
            .error_code,
        ErrorCode::none);
    cluster.create_with("t", {{1, 2, 3}}, {{"min.insync.replicas", "2"}});
  }
  void set_min_isr(metadata::ResourceType of, const char* name, const char* value) {
    const auto reply = cluster.ask(wire::IncrementalAlterConfigsRequest{
        .resources = {{.resource_type = static_cast<int8_t>(of),
                       .resource_name = name,
                       .configs = {{"min.insync.replicas", 0, value}}}}});
    EXPECT_EQ(reply.responses[0].error_code, ErrorCode::none);
  }
  Cluster cluster;
};

TEST_F(ElrTest, WalksThroughTheWholeStory) {
  cluster.fence(3);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1,2");
  cluster.fence(2);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1 elr 2");
  cluster.fence(1);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr  elr 1,2 last 1");
  cluster.unfence(3);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr  elr 1,2 last 1");
  cluster.unfence(2);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 2 isr 2 elr 1");
  cluster.unfence(1);
  EXPECT_EQ(Leader(cluster, "t").wants({2, 3}).error_code, ErrorCode::none);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 2 isr 2,3");
  cluster.expect_replay_agrees();
}

TEST_F(ElrTest, ANewIncarnationThatStoppedCleanlyStaysEligible) {
  for (const bool cleanly : {true, false}) {
    cluster.fence(3);
    cluster.fence(2);
    EXPECT_EQ(cluster.partition("t").elr, (std::vector<int32_t>{2}));
    auto request = Cluster::registration(2, cleanly ? 10 : 11);
    request.previous_broker_epoch = cleanly ? cluster.image().broker(2)->epoch : -1;
    EXPECT_EQ(cluster.ask(request).error_code, ErrorCode::none);
    EXPECT_EQ(cluster.partition("t").elr.empty(), !cleanly);
    cluster.unfence(2);
    cluster.unfence(3);
    EXPECT_EQ(Leader(cluster, "t").wants({1, 2, 3}).error_code, ErrorCode::none);
  }
}

/// Its second wish would make members of the ISR out of who is eligible, were it decided as if there were no
/// first.
TEST_F(ElrTest, APartitionNamedTwiceInOneRequest) {
  Leader leader(cluster, "t");
  auto& partitions = leader.request.topics[0].partitions;
  partitions.push_back(partitions.front());
  partitions[0].new_isr_with_epochs = {{1, -1}};
  partitions[1].new_isr_with_epochs = {{1, -1}, {2, -1}};
  const auto reply = cluster.ask(leader.request);
  EXPECT_EQ(reply.topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(reply.topics[0].partitions[1].error_code, ErrorCode::invalid_update_version);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1 elr 2,3");
}

TEST_F(ElrTest, WhoWasUnregisteredIsNotEligibleWhenItComesBack) {
  cluster.fence(3);
  cluster.fence(2);
  cluster.fence(1);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr  elr 1,2 last 1");
  cluster.ask(wire::UnregisterBrokerRequest{.broker_id = 2});
  EXPECT_EQ(cluster.ask(Cluster::registration(2, 9)).error_code, ErrorCode::none);
  cluster.unfence(2);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr  elr 1 last 1");
  cluster.unfence(1);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1");
}

TEST_F(ElrTest, ALowerMinIsrForgetsWhoWasEligible) {
  cluster.fence(3);
  cluster.fence(2);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1 elr 2");
  set_min_isr(metadata::ResourceType::topic, "t", "1");
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1");
  EXPECT_EQ(metadata::name_of(cluster.last_records.back()), "ClearElrRecord");
  set_min_isr(metadata::ResourceType::broker, "", "2");
  EXPECT_EQ(metadata::name_of(cluster.last_records.back()), "ClearElrRecord");
  cluster.expect_replay_agrees();
}

// Nobody could ever have led it again without losing records.
TEST_F(ElrTest, WhatNobodyLeadsKeepsWhoMayLeadIt) {
  for (const int32_t id : {3, 2, 1}) cluster.fence(id);
  const std::string before = "leader -1 epoch 1 isr  elr 1,2 last 1";
  ASSERT_EQ(cluster.show("t"), before);
  set_min_isr(metadata::ResourceType::broker, "", "2");
  EXPECT_EQ(cluster.show("t"), before);
  set_min_isr(metadata::ResourceType::topic, "t", "1");
  EXPECT_EQ(cluster.show("t"), before);
  cluster.unfence(2);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 2 isr 2") << "it commits alone now";
  cluster.expect_replay_agrees();
}

}  // namespace
}  // namespace kt::controller
