#include "libbroker/controller/brokers.h"

#include "tests/unit/controller/cluster.h"

namespace kt::controller {
namespace {

TEST(BrokerRegistration, EpochIsTheOffsetOfTheRecordAndTheBrokerStartsFenced) {
  Cluster cluster;
  const auto offset = static_cast<int64_t>(cluster.log.size());
  const auto reply = cluster.ask(Cluster::registration(1));
  EXPECT_EQ(reply.error_code, ErrorCode::none);
  EXPECT_EQ(reply.broker_epoch, offset);
  const metadata::Broker& broker = *cluster.image().broker(1);
  EXPECT_TRUE(broker.fenced);
  EXPECT_EQ(broker.epoch, offset);
  EXPECT_EQ(broker.endpoint("PLAINTEXT")->port, 9093);
  EXPECT_EQ(broker.directories, std::vector<Uuid>{Cluster::directory(1)});
}

TEST(BrokerRegistration, Refusals) {
  Cluster cluster;
  cluster.start({1});
  const auto code = [&](wire::BrokerRegistrationRequest request) { return cluster.ask(request).error_code; };
  auto request = Cluster::registration(2);
  request.cluster_id = "other";
  EXPECT_EQ(code(request), ErrorCode::inconsistent_cluster_id);
  request = Cluster::registration(2);
  request.log_dirs = {};
  EXPECT_EQ(code(request), ErrorCode::invalid_registration);
  request.log_dirs = {metadata::directory_lost};
  EXPECT_EQ(code(request), ErrorCode::invalid_registration);
  request.log_dirs = {{9, 9}, {9, 9}};
  EXPECT_EQ(code(request), ErrorCode::invalid_registration);
  request.log_dirs = {Cluster::directory(1)};
  EXPECT_EQ(code(request), ErrorCode::invalid_registration);
  request = Cluster::registration(2);
  request.features = {{"metadata.version", 7, 24}};
  EXPECT_EQ(code(request), ErrorCode::unsupported_version);
  request.features = {};
  EXPECT_EQ(code(request), ErrorCode::invalid_registration);
  request = Cluster::registration(2);
  request.is_migrating_zk_broker = true;
  EXPECT_EQ(code(request), ErrorCode::broker_id_not_registered);
  EXPECT_EQ(code(Cluster::registration(1, 2)), ErrorCode::duplicate_broker_registration);
  request = Cluster::registration(2);
  for (const int16_t protocol : {-1, 4}) {
    request.listeners.front().security_protocol = protocol;
    EXPECT_EQ(code(request), ErrorCode::invalid_registration);
  }
  EXPECT_FALSE(cluster.image().broker(2));
}

TEST(BrokerRegistration, TheSameIncarnationKeepsEpochAndFencing) {
  Cluster cluster;
  cluster.start({1});
  const int64_t epoch = cluster.image().broker(1)->epoch;
  auto request = Cluster::registration(1);
  request.rack = "r";
  EXPECT_EQ(cluster.ask(request).broker_epoch, epoch);
  EXPECT_FALSE(cluster.image().broker(1)->fenced);
  EXPECT_EQ(cluster.image().broker(1)->rack, "r");
}

TEST(BrokerRegistration, ANewIncarnationTakesOverWhenTheSessionIsOver) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.now_ms += 9001;
  cluster.ask(cluster.heartbeat(2));
  EXPECT_EQ(cluster.ask(Cluster::registration(1, 2)).error_code, ErrorCode::none);
  EXPECT_TRUE(cluster.image().broker(1)->fenced);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 1 isr 2");
  cluster.expect_replay_agrees();
}

// Nodes that were all killed come back at once: a controller as new as they are waits for no dead session.
TEST(BrokerRegistration, ANewIncarnationTakesOverFromOneThatThisControllerNeverHeard) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.fail_over();
  EXPECT_EQ(cluster.ask(Cluster::registration(1, 2)).error_code, ErrorCode::none);
  cluster.ask(cluster.heartbeat(2));
  EXPECT_EQ(cluster.ask(Cluster::registration(2, 2)).error_code, ErrorCode::duplicate_broker_registration);
}

TEST(BrokerRegistration, AnotherBrokerTakesNoOnesPlaceAfterAFailover) {
  Cluster cluster;
  cluster.start({1});
  const int64_t epoch = cluster.image().broker(1)->epoch;
  cluster.fail_over();
  auto another = Cluster::registration(1, 2);
  another.listeners.front().host = "another";
  EXPECT_EQ(cluster.ask(another).error_code, ErrorCode::duplicate_broker_registration);
  another = Cluster::registration(1, 2);
  another.log_dirs = {Cluster::directory(7)};
  EXPECT_EQ(cluster.ask(another).error_code, ErrorCode::duplicate_broker_registration);
  EXPECT_EQ(cluster.image().broker(1)->epoch, epoch);
  EXPECT_FALSE(cluster.ask(cluster.heartbeat(1)).is_fenced);
  cluster.fail_over();
  cluster.now_ms += 9001;
  EXPECT_EQ(cluster.ask(another).error_code, ErrorCode::none);
}

TEST(BrokerRegistration, TheBrokerOfTheControllersProcessReplacesItsFormerLifeWhereverThatWas) {
  auto config = Cluster::default_config();
  config.node_id = 1;
  Cluster cluster(config);
  cluster.start({1});
  auto next = Cluster::registration(1, 2);
  next.listeners.front().port = 7;
  cluster.fail_over();
  // It lives: whoever that is, it is not here.
  cluster.controller().hear_own(cluster.image().broker(1)->epoch);
  EXPECT_EQ(cluster.ask(next).error_code, ErrorCode::duplicate_broker_registration);
  cluster.fail_over();
  cluster.controller().hear_own(-1);
  EXPECT_EQ(cluster.ask(next).error_code, ErrorCode::none);
}

TEST(BrokerHeartbeat, UnfencesWhoHasCaughtUp) {
  Cluster cluster;
  cluster.ask(Cluster::registration(1));
  auto request = cluster.heartbeat(1);
  request.current_metadata_offset = cluster.image().broker(1)->epoch - 1;
  auto reply = cluster.ask(request);
  EXPECT_TRUE(reply.is_fenced);
  EXPECT_FALSE(reply.is_caught_up);
  request = cluster.heartbeat(1);
  request.want_fence = true;
  reply = cluster.ask(request);
  EXPECT_TRUE(reply.is_fenced && reply.is_caught_up);
  EXPECT_TRUE(cluster.last_records.empty());
  reply = cluster.ask(cluster.heartbeat(1));
  EXPECT_FALSE(reply.is_fenced);
  EXPECT_TRUE(cluster.image().is_active(1));
  EXPECT_TRUE(cluster.ask(cluster.heartbeat(1)).error_code == ErrorCode::none &&
              cluster.last_records.empty());
}

TEST(BrokerHeartbeat, OnlyFromThePresentIncarnation) {
  Cluster cluster;
  cluster.start({1});
  auto request = cluster.heartbeat(1);
  request.broker_epoch += 1;
  EXPECT_EQ(cluster.ask(request).error_code, ErrorCode::stale_broker_epoch);
  EXPECT_EQ(cluster.ask(cluster.heartbeat(7)).error_code, ErrorCode::broker_id_not_registered);
}

TEST(BrokerSession, SilentBrokersAreFencedOneAtATime) {
  Cluster cluster;
  cluster.start({1, 2, 3});
  cluster.create_with("t", {{1, 2, 3}});
  EXPECT_EQ(cluster.controller().deadline_ms(), cluster.now_ms + 9001);
  cluster.now_ms += 9000;
  EXPECT_TRUE(cluster.tick().empty());
  cluster.ask(cluster.heartbeat(3));
  cluster.now_ms += 1;
  EXPECT_FALSE(cluster.tick().empty());
  EXPECT_TRUE(cluster.image().broker(1)->fenced);
  EXPECT_FALSE(cluster.image().broker(2)->fenced);
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 1 isr 2,3");
  EXPECT_FALSE(cluster.tick().empty());
  EXPECT_EQ(cluster.show("t"), "leader 3 epoch 2 isr 3");
  EXPECT_TRUE(cluster.tick().empty());
  cluster.unfence(1);
  EXPECT_EQ(cluster.show("t"), "leader 3 epoch 2 isr 3");
  cluster.expect_replay_agrees();
}

TEST(BrokerSession, ANewControllerGivesEveryoneTime) {
  Cluster cluster;
  cluster.start({1});
  cluster.now_ms += 20'000;
  cluster.fail_over();
  EXPECT_TRUE(cluster.tick().empty());
  EXPECT_FALSE(cluster.ask(cluster.heartbeat(1)).is_fenced);
}

TEST(ControlledShutdown, GivesUpLeadershipsThenWaitsForTheOthers) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.ask(cluster.heartbeat(2));
  const auto stop = [&] {
    auto request = cluster.heartbeat(1);
    request.want_shut_down = true;
    return cluster.ask(request);
  };
  EXPECT_FALSE(stop().should_shut_down);
  EXPECT_TRUE(cluster.image().broker(1)->in_controlled_shutdown);
  EXPECT_TRUE(cluster.image().is_alive(1));
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 1 isr 2");
  EXPECT_FALSE(stop().should_shut_down);  // broker 2 has not applied that yet
  cluster.ask(cluster.heartbeat(2));
  EXPECT_TRUE(stop().should_shut_down);
  EXPECT_TRUE(cluster.image().broker(1)->fenced);
  cluster.expect_replay_agrees();
}

TEST(ControlledShutdown, MovesEveryLeaderAndGoesWhenTheSlowestHasSeenIt) {
  Cluster cluster;
  cluster.start({1, 2, 3});
  cluster.create_with("t", {{1, 2, 3}, {1, 3, 2}, {2, 1, 3}});
  cluster.create_with("u", {{1}});
  cluster.ask(cluster.heartbeat(2));
  cluster.ask(cluster.heartbeat(3));
  const auto stop = [&] {
    auto request = cluster.heartbeat(1);
    request.want_shut_down = true;
    return cluster.ask(request);
  };
  EXPECT_FALSE(stop().should_shut_down);
  EXPECT_EQ(cluster.show("t", 0), "leader 2 epoch 1 isr 2,3");
  EXPECT_EQ(cluster.show("t", 1), "leader 3 epoch 1 isr 3,2");
  EXPECT_EQ(cluster.show("t", 2), "leader 2 epoch 0 isr 2,3");
  EXPECT_EQ(cluster.show("u"), "leader -1 epoch 1 isr 1");  // nobody else has it
  cluster.ask(cluster.heartbeat(2));
  EXPECT_FALSE(stop().should_shut_down);  // broker 3 has not applied that yet
  cluster.ask(Cluster::registration(1));  // of the same incarnation: it does not start anew
  EXPECT_FALSE(stop().should_shut_down);
  cluster.ask(cluster.heartbeat(3));
  EXPECT_TRUE(stop().should_shut_down);
}

TEST(ControlledShutdown, EndsWithANewRegistrationOnly) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.fence(2);
  auto request = cluster.heartbeat(1);
  request.want_shut_down = true;
  cluster.ask(request);
  cluster.fence(1);
  EXPECT_TRUE(cluster.ask(cluster.heartbeat(1)).is_fenced);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr 1");
  cluster.ask(Cluster::registration(1, 2));
  cluster.unfence(1);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1");
}

TEST(ControlledShutdown, WithoutLeadershipsAtOnce) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  auto request = cluster.heartbeat(2);
  request.want_shut_down = true;
  EXPECT_TRUE(cluster.ask(request).should_shut_down);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1");
}

TEST(LastInSyncReplica, StaysAndLeadsAgain) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  cluster.fence(2);
  cluster.fence(1);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr 1");
  cluster.unfence(2);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr 1");
  cluster.unfence(1);
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 2 isr 1");
  cluster.expect_replay_agrees();
}

TEST(UnregisterBroker, ForgetsIt) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("t", {{1, 2}});
  EXPECT_EQ(cluster.ask(wire::UnregisterBrokerRequest{.broker_id = 1}).error_code, ErrorCode::none);
  EXPECT_FALSE(cluster.image().broker(1));
  EXPECT_EQ(cluster.show("t"), "leader 2 epoch 1 isr 2");
  const auto reply = cluster.ask(wire::UnregisterBrokerRequest{.broker_id = 1});
  EXPECT_EQ(reply.error_code, ErrorCode::broker_id_not_registered);
  EXPECT_EQ(reply.error_message, "Broker ID 1 is not currently registered");
}

TEST(AllocateProducerIds, BlocksOfAThousandThatNeverOverlap) {
  Cluster cluster;
  cluster.start({1});
  const int64_t epoch = cluster.image().broker(1)->epoch;
  const auto block = [&] {
    return cluster.ask(wire::AllocateProducerIdsRequest{.broker_id = 1, .broker_epoch = epoch});
  };
  EXPECT_EQ(block().producer_id_start, 0);
  EXPECT_EQ(block().producer_id_start, 1000);
  cluster.fail_over();
  const auto reply = block();
  EXPECT_EQ(reply.producer_id_start, 2000);
  EXPECT_EQ(reply.producer_id_len, 1000);
  EXPECT_EQ(
      cluster.ask(wire::AllocateProducerIdsRequest{.broker_id = 1, .broker_epoch = epoch + 1}).error_code,
      ErrorCode::stale_broker_epoch);
}

TEST(ControllerRegistration, IsWritten) {
  Cluster cluster;
  const auto reply =
      cluster.ask(wire::ControllerRegistrationRequest{.controller_id = 100,
                                                      .listeners = {{"CONTROLLER", "h", 1, 0}},
                                                      .features = {{"metadata.version", 7, 25}}});
  EXPECT_EQ(reply.error_code, ErrorCode::none);
  ASSERT_EQ(cluster.image().controllers.size(), 1u);
  EXPECT_EQ((*cluster.image().controllers.find(100))->endpoints.front().host, "h");
}

TEST(ControllerRegistration, OfAnUnknownSecurityProtocolIsRefused) {
  Cluster cluster;
  const auto reply = cluster.ask(wire::ControllerRegistrationRequest{
      .controller_id = 100, .listeners = {{"CONTROLLER", "h", 1, 7}}, .features = {}});
  EXPECT_EQ(reply.error_code, ErrorCode::invalid_registration);
  EXPECT_EQ(reply.error_message, "Unknown security protocol 7 in listener CONTROLLER");
  EXPECT_TRUE(cluster.last_records.empty());
}

TEST(Directories, ReplicasLeaveAFailedDirectory) {
  Cluster cluster;
  auto request = Cluster::registration(1);
  request.log_dirs = {{8, 1}, {8, 2}};
  cluster.ask(request);
  cluster.unfence(1);
  cluster.start({2});
  const Uuid id = cluster.create_with("t", {{1, 2}, {1, 2}});
  EXPECT_EQ(cluster.partition("t").directories.front(), metadata::directory_unassigned);
  const int64_t epoch = cluster.image().broker(1)->epoch;
  const auto reply = cluster.ask(wire::AssignReplicasToDirsRequest{
      .broker_id = 1,
      .broker_epoch = epoch,
      .directories = {{.id = {8, 1}, .topics = {{.topic_id = id, .partitions = {{0}, {7}}}}},
                      {.id = {8, 2}, .topics = {{.topic_id = id, .partitions = {{1}}}}}}});
  EXPECT_EQ(reply.directories[0].topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(reply.directories[0].topics[0].partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(cluster.partition("t", 1).directories.front(), (Uuid{8, 2}));

  auto beat = cluster.heartbeat(1);
  beat.offline_log_dirs = {{8, 1}};
  EXPECT_FALSE(cluster.ask(beat).is_fenced);
  EXPECT_EQ(cluster.show("t", 0), "leader 2 epoch 1 isr 2");
  EXPECT_EQ(cluster.show("t", 1), "leader 1 epoch 0 isr 1,2");
  EXPECT_EQ(cluster.image().broker(1)->directories, (std::vector<Uuid>{{8, 2}}));
  cluster.expect_replay_agrees();
}

/// Broker 1 comes back with another directory than the one that its only replica was in, and is the last to.
std::string led_from_a_new_directory(bool is_allowed) {
  auto config = Cluster::default_config();
  config.leads_from_new_directories = is_allowed;
  Cluster cluster(config);
  cluster.start({1, 2});
  const Uuid id = cluster.create_with("t", {{1}});
  cluster.fence(1);
  cluster.now_ms += config.session_timeout_ms + 1;
  auto request = Cluster::registration(1, 2);
  request.log_dirs = {{8, 1}};
  EXPECT_EQ(cluster.ask(request).error_code, ErrorCode::none);
  cluster.unfence(1);
  EXPECT_EQ(cluster.show("t"), "leader -1 epoch 1 isr 1");
  const auto reply = cluster.ask(wire::AssignReplicasToDirsRequest{
      .broker_id = 1,
      .broker_epoch = cluster.image().broker(1)->epoch,
      .directories = {{.id = {8, 1}, .topics = {{.topic_id = id, .partitions = {{0}}}}}}});
  EXPECT_EQ(reply.directories[0].topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(cluster.partition("t").directories.front(), (Uuid{8, 1}));
  cluster.expect_replay_agrees();
  return cluster.show("t");
}

TEST(Directories, InZooKeepersPlaceABrokerLeadsFromANewOneAtOnce) {
  EXPECT_EQ(led_from_a_new_directory(true), "leader 1 epoch 2 isr 1");
  EXPECT_EQ(led_from_a_new_directory(false), "leader -1 epoch 1 isr 1");
}

TEST(Activation, AnEmptyLogIsBootstrappedAndAnOpenTransactionAborted) {
  const ControllerConfig config = Cluster::default_config();
  const metadata::Image empty;
  EXPECT_EQ(activation_records({config, empty, {}}, Cluster::bootstrap()).size(), 1u);
  const Cluster cluster;
  EXPECT_TRUE(activation_records({config, cluster.image(), {}}, Cluster::bootstrap()).empty());
  metadata::ImageBuilder builder(empty);
  builder.apply(wire::BeginTransactionRecord{});
  const metadata::Image open = std::move(builder).freeze({});
  const auto records = activation_records({config, open, {}}, Cluster::bootstrap());
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(metadata::name_of(records.front()), "AbortTransactionRecord");
}

TEST(IdleLog, GetsANoOpRecord) {
  auto config = Cluster::default_config();
  config.idle_interval_ms = 500;
  Cluster cluster(config);
  EXPECT_EQ(cluster.controller().deadline_ms(), cluster.now_ms + 500);
  EXPECT_TRUE(cluster.tick().empty());
  cluster.now_ms += 500;
  const auto records = cluster.tick();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(metadata::name_of(records.front()), "NoOpRecord");
  EXPECT_EQ(cluster.controller().deadline_ms(), cluster.now_ms + 500);
}

}  // namespace
}  // namespace kt::controller
