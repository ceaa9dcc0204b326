#include "libbroker/controller/reassignments.h"

#include "tests/unit/controller/leader.h"

namespace kt::controller {
namespace {

using Ids = std::vector<int32_t>;
using AlterRequest = wire::AlterPartitionReassignmentsRequest;

std::string text(const Ids& ids) {
  std::string out;
  for (const int32_t id : ids) out += (out.empty() ? "" : ",") + std::to_string(id);
  return out;
}

/// Five brokers, a topic on the first three of them.
class Reassignments : public testing::Test {
 protected:
  explicit Reassignments(ControllerConfig config = Cluster::default_config()) : cluster(std::move(config)) {
    cluster.start({1, 2, 3, 4, 5});
    cluster.create_with("t", {{1, 2, 3}});
  }

  wire::AlterPartitionReassignmentsResponse alter(AlterRequest::ReassignablePartition partition,
                                                  bool may_resize = true, const std::string& topic = "t") {
    return cluster.ask(AlterRequest{.allow_replication_factor_change = may_resize,
                                    .topics = {{.name = topic, .partitions = {std::move(partition)}}}});
  }
  static std::string told(const wire::AlterPartitionReassignmentsResponse& reply, size_t at = 0) {
    EXPECT_EQ(reply.error_code, ErrorCode::none);
    EXPECT_FALSE(reply.error_message);
    const auto& partition = reply.responses.at(0).partitions.at(at);
    return std::string(name_of(partition.error_code)) +
           (partition.error_message ? ": " + *partition.error_message : "");
  }
  std::string move_to(Ids replicas, bool may_resize = true) {
    return told(alter({0, std::move(replicas)}, may_resize));
  }
  std::string cancel() { return told(alter({0, std::nullopt})); }

  /// As Cluster::show(), before it "replicas 1,2,3", with what is added and removed.
  std::string show() const {
    const auto& p = cluster.partition("t");
    std::string out = "replicas " + text(p.replicas);
    if (!p.adding_replicas.empty()) out += " adding " + text(p.adding_replicas);
    if (!p.removing_replicas.empty()) out += " removing " + text(p.removing_replicas);
    return out + " " + cluster.show("t");
  }
  /// The leader finds these in sync.
  ErrorCode in_sync(Ids isr) { return Leader(cluster, "t").wants(std::move(isr)).error_code; }

  Cluster cluster;
};

TEST_F(Reassignments, ALongNameIsNotRepeatedWhole) {
  EXPECT_EQ(told(alter({0, Ids{1}}, true, std::string(30'000, 'x'))),
            "UNKNOWN_TOPIC_OR_PARTITION: Unable to find a topic named " + std::string(249, 'x') + ".");
}

TEST_F(Reassignments, AddsFirstAndRemovesWhenTheNewReplicasAreInSync) {
  EXPECT_EQ(move_to({4, 5, 3}), "NONE");
  EXPECT_EQ(show(), "replicas 4,5,3,1,2 adding 4,5 removing 1,2 leader 1 epoch 0 isr 1,2,3");
  EXPECT_EQ(in_sync({1, 2, 3, 4}), ErrorCode::none);
  EXPECT_EQ(show(), "replicas 4,5,3,1,2 adding 4,5 removing 1,2 leader 1 epoch 0 isr 1,2,3,4");
  EXPECT_EQ(in_sync({1, 2, 3, 4, 5}), ErrorCode::new_leader_elected);  // the leader is removed with the end
  EXPECT_EQ(show(), "replicas 4,5,3 leader 4 epoch 1 isr 3,4,5");
  EXPECT_EQ(cluster.partition("t").directories,
            (std::vector<Uuid>{Cluster::directory(4), Cluster::directory(5), Cluster::directory(3)}));
  cluster.expect_replay_agrees();
}

TEST_F(Reassignments, ALeaderThatStaysKeepsLeadingWithANewEpoch) {
  EXPECT_EQ(move_to({1, 4, 5}), "NONE");
  EXPECT_EQ(in_sync({1, 4, 5}), ErrorCode::none);
  EXPECT_EQ(show(), "replicas 1,4,5 leader 1 epoch 1 isr 1,4,5");
}

TEST_F(Reassignments, WhatNeedsNobodyNewIsDoneAtOnce) {
  EXPECT_EQ(move_to({3, 2, 1}), "NONE");
  EXPECT_EQ(show(), "replicas 3,2,1 leader 1 epoch 0 isr 1,2,3");
  EXPECT_EQ(move_to({2, 3}), "NONE");
  EXPECT_EQ(show(), "replicas 2,3 leader 2 epoch 1 isr 2,3");
  EXPECT_EQ(move_to({2, 3}), "NONE");
  EXPECT_TRUE(cluster.last_records.empty());
}

TEST_F(Reassignments, AddingAloneKeepsEveryone) {
  EXPECT_EQ(move_to({1, 2, 3, 4}), "NONE");
  EXPECT_EQ(show(), "replicas 1,2,3,4 adding 4 leader 1 epoch 0 isr 1,2,3");
  EXPECT_EQ(in_sync({1, 2, 3, 4}), ErrorCode::none);
  EXPECT_EQ(show(), "replicas 1,2,3,4 leader 1 epoch 0 isr 1,2,3,4");
}

TEST_F(Reassignments, NeverRemovesTheLastInSync) {
  EXPECT_EQ(in_sync({1}), ErrorCode::none);
  EXPECT_EQ(move_to({2, 3}), "NONE");
  EXPECT_EQ(show(), "replicas 2,3,1 removing 1 leader 1 epoch 0 isr 1");
  EXPECT_EQ(in_sync({1, 2}), ErrorCode::none);
  EXPECT_EQ(show(), "replicas 2,3,1 removing 1 leader 1 epoch 0 isr 1,2");
  EXPECT_EQ(in_sync({1, 2, 3}), ErrorCode::new_leader_elected);
  EXPECT_EQ(show(), "replicas 2,3 leader 2 epoch 1 isr 2,3");
}

TEST_F(Reassignments, IsTakenBack) {
  EXPECT_EQ(cancel(), "NO_REASSIGNMENT_IN_PROGRESS: No partition reassignment is in progress.");
  EXPECT_EQ(move_to({4, 5, 3}), "NONE");
  EXPECT_EQ(in_sync({1, 2, 3, 4}), ErrorCode::none);
  EXPECT_EQ(cancel(), "NONE");
  EXPECT_EQ(show(), "replicas 3,1,2 leader 1 epoch 1 isr 1,2,3");
  EXPECT_EQ(cancel(), "NO_REASSIGNMENT_IN_PROGRESS: No partition reassignment is in progress.");
  cluster.expect_replay_agrees();
}

TEST_F(Reassignments, IsNotTakenBackToNobodyInSync) {
  EXPECT_EQ(move_to({4, 5}), "NONE");
  EXPECT_EQ(in_sync({1, 4}), ErrorCode::none);
  cluster.fence(1);
  EXPECT_EQ(show(), "replicas 4,5,1,2,3 adding 4,5 removing 1,2,3 leader 4 epoch 1 isr 4");
  EXPECT_EQ(cancel(),
            "INVALID_REPLICA_ASSIGNMENT: Unable to revert partition assignment for t:0 because it would "
            "require an unclean leader election.");
  cluster.ask(wire::IncrementalAlterConfigsRequest{
      .resources = {{.resource_type = 2,
                     .resource_name = "t",
                     .configs = {{"unclean.leader.election.enable", 0, "true"}}}}});
  EXPECT_EQ(cancel(), "NONE");
  EXPECT_EQ(show(), "replicas 1,2,3 leader 2 epoch 2 isr 2 recovering");
}

TEST_F(Reassignments, AMoveMayBeChanged) {
  EXPECT_EQ(move_to({1, 2, 4}), "NONE");
  EXPECT_EQ(show(), "replicas 1,2,4,3 adding 4 removing 3 leader 1 epoch 0 isr 1,2,3");
  EXPECT_EQ(move_to({1, 2, 4}), "NONE");  // said twice
  EXPECT_TRUE(cluster.last_records.empty());
  EXPECT_EQ(move_to({1, 2, 5}), "NONE");
  EXPECT_EQ(show(), "replicas 1,2,5,3,4 adding 5 removing 3,4 leader 1 epoch 0 isr 1,2,3");
}

TEST_F(Reassignments, AReplicaThatIsToStayAfterAllIsNotRemoved) {
  EXPECT_EQ(move_to({1, 2, 4}), "NONE");
  EXPECT_EQ(move_to({1, 2, 3, 4}), "NONE");
  EXPECT_EQ(show(), "replicas 1,2,3,4 adding 4 leader 1 epoch 0 isr 1,2,3");
  EXPECT_EQ(in_sync({1, 2, 3, 4}), ErrorCode::none);
  EXPECT_EQ(show(), "replicas 1,2,3,4 leader 1 epoch 0 isr 1,2,3,4");
}

TEST_F(Reassignments, RefusesWithKafkasSentences) {
  EXPECT_EQ(told(alter({0, Ids{1}}, true, "none")),
            "UNKNOWN_TOPIC_OR_PARTITION: Unable to find a topic named none.");
  EXPECT_EQ(told(alter({7, Ids{1}})), "UNKNOWN_TOPIC_OR_PARTITION: Unable to find partition t:7.");
  EXPECT_EQ(told(alter({7, std::nullopt})), "UNKNOWN_TOPIC_OR_PARTITION: Unable to find partition t:7.");
  EXPECT_EQ(move_to({}),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica list.");
  EXPECT_EQ(
      move_to({1, 9}),
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 9, but no such broker "
      "is registered.");
  EXPECT_EQ(
      move_to({1, -1}),
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker -1, but no such broker "
      "is registered.");
  EXPECT_EQ(
      move_to({1, 2, 2}),
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 2 more than once.");
  EXPECT_EQ(show(), "replicas 1,2,3 leader 1 epoch 0 isr 1,2,3");
}

TEST_F(Reassignments, TheReplicationFactorStaysWhereThatIsAsked) {
  EXPECT_EQ(move_to({1, 2}, false),
            "INVALID_REPLICATION_FACTOR: The replication factor is changed from 3 to 2");
  EXPECT_EQ(move_to({3, 4, 5}, false), "NONE");
  EXPECT_EQ(move_to({1, 4, 5}, false), "NONE");  // five replicas now, three in the end
  EXPECT_EQ(move_to({1, 2, 4, 5}, false),
            "INVALID_REPLICATION_FACTOR: The replication factor is changed from 3 to 4");
  EXPECT_FALSE(alter({0, Ids{1}}, false).allow_replication_factor_change);
}

TEST_F(Reassignments, NobodyAskedForNothing) {
  const auto reply = cluster.ask(AlterRequest{});
  EXPECT_EQ(reply.error_message, "");
  EXPECT_TRUE(reply.allow_replication_factor_change);
  EXPECT_TRUE(cluster.last_records.empty());
}

TEST_F(Reassignments, APartitionNamedTwiceIsChangedTwice) {
  const auto reply = cluster.ask(AlterRequest{
      .topics = {{.name = "t", .partitions = {{0, Ids{1, 2, 4}}, {0, Ids{2, 1, 3}}, {0, std::nullopt}}}}});
  EXPECT_EQ(told(reply, 0), "NONE");
  EXPECT_EQ(told(reply, 1), "NONE");
  EXPECT_EQ(told(reply, 2), "NO_REASSIGNMENT_IN_PROGRESS: No partition reassignment is in progress.");
  EXPECT_EQ(show(), "replicas 2,1,3 leader 1 epoch 1 isr 1,2,3");
  cluster.expect_replay_agrees();
}

TEST_F(Reassignments, AreListed) {
  cluster.create_with("u", {{1, 2}, {2, 3}});
  using Request = wire::ListPartitionReassignmentsRequest;
  EXPECT_TRUE(cluster.ask(Request{}).topics.empty());
  EXPECT_EQ(move_to({4, 5, 3}), "NONE");
  EXPECT_EQ(told(alter({1, Ids{2, 4}}, true, "u")), "NONE");
  const auto all = cluster.ask(Request{.topics = std::nullopt});
  EXPECT_FALSE(all.error_message);
  EXPECT_EQ(all.topics.size(), 2u);
  const auto some = cluster.ask(Request{
      .topics = {{{.name = "u", .partition_indexes = {0, 1, 9}}, {.name = "no", .partition_indexes = {0}}}}});
  ASSERT_EQ(some.topics.size(), 1u);
  EXPECT_EQ(some.topics[0].name, "u");
  ASSERT_EQ(some.topics[0].partitions.size(), 1u);
  const auto& moving = some.topics[0].partitions[0];
  EXPECT_EQ(moving.partition_index, 1);
  EXPECT_EQ(moving.replicas, (Ids{2, 4, 3}));
  EXPECT_EQ(moving.adding_replicas, Ids{4});
  EXPECT_EQ(moving.removing_replicas, Ids{3});
  EXPECT_TRUE(cluster.last_records.empty());
}

TEST_F(Reassignments, GoOnUnderANewController) {
  EXPECT_EQ(move_to({4, 5, 3}), "NONE");
  cluster.fail_over();
  EXPECT_EQ(in_sync({1, 2, 3, 4, 5}), ErrorCode::new_leader_elected);
  EXPECT_EQ(show(), "replicas 4,5,3 leader 4 epoch 1 isr 3,4,5");
}

/// The end of a move may leave fewer in sync than min.insync.replicas: who left is no replica any more, and
/// so not eligible to lead either.
TEST_F(Reassignments, WhoIsRemovedIsNotEligible) {
  cluster.ask(wire::UpdateFeaturesRequest{
      .feature_updates = {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}});
  cluster.create_with("m", {{1, 2, 3}}, {{"min.insync.replicas", "2"}});
  EXPECT_EQ(told(alter({0, Ids{4}}, true, "m")), "NONE");
  EXPECT_EQ(Leader(cluster, "m").wants({1, 4}).error_code, ErrorCode::new_leader_elected);
  EXPECT_EQ(cluster.show("m"), "leader 4 epoch 1 isr 4");
  EXPECT_EQ(told(alter({0, Ids{5}}, true, "m")), "NONE");
  EXPECT_EQ(told(alter({0, std::nullopt}, true, "m")), "NONE");
  EXPECT_EQ(cluster.show("m"), "leader 4 epoch 2 isr 4");
}

}  // namespace
}  // namespace kt::controller
