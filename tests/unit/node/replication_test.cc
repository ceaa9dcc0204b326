// Partitions of several replicas, over whole nodes: what was acknowledged outlives its leader, and logs that
// parted become one again.
#include <algorithm>
#include <map>

#include "libbroker/wire/44_incremental_alter_configs.h"
#include "libbroker/wire/60_describe_cluster.h"
#include "libbroker/wire/61_describe_producers.h"
#include "tests/unit/node/replication_fixture.h"

namespace kt::node {
namespace {

TEST_F(Replication, WhatIsAcknowledgedOutlivesItsLeader) {
  start_three(3);
  create();
  for (int i = 0; i < 10; ++i) ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  EXPECT_EQ(committed(2), 10);
  kill(2);
  ask_until([&] { return leader(1) == 3; }, "nobody else leads");
  ask_until([&] { return leader(3) == 3; }, "it does not know");
  EXPECT_EQ(committed(3), 10);
  ASSERT_EQ(produce(3, "b"), ErrorCode::none) << "two of three are enough";
  start(2);
  wait_until_serving(2);
  ask_until([&] { return isr(3).size() == 3; }, "it does not come back into the ISR");
  ask_until([&] { return are_logs_the_same(); }, "its log is another");
}

TEST_F(Replication, ADeadLeaderIsNotNamedThoughTheControllerDoesNotKnow) {
  start_three(1, {{"broker.session.timeout.ms", "30000"}});
  create();
  cut(1, 2);
  const int64_t begin_ms = world_.now_ms();
  kill(2);
  ask_until([&] { return leader(3) == -1; }, "clients are sent to who is dead");
  EXPECT_LT(world_.now_ms() - begin_ms, 1'000);
  EXPECT_EQ(describe(3).error_code, ErrorCode::leader_not_available);
  ask_until([&] { return leader(3) == 2; },
            "what the controller does not know counts for more than what it does");
  start(2);
  heal();
  ask_until([&] { return leader(3) > 0; }, "nobody leads");
}

TEST_F(Replication, ALeaderThatOnlyAFollowerCannotReachIsNamed) {
  start_three(1, {{"broker.session.timeout.ms", "30000"}, {"replica.socket.timeout.ms", "500"}});
  create();
  cut(2, 3);
  world_.run_for(5'000);
  EXPECT_EQ(leader(3), 2);
}

TEST_F(Replication, ABrokerThatStopsWaitsForNobodysNextHeartbeat) {
  start_three(1, {{"broker.heartbeat.interval.ms", "20000"}, {"broker.session.timeout.ms", "60000"}});
  create();
  const int64_t begin_ms = world_.now_ms();
  stop(2);
  EXPECT_LT(world_.now_ms() - begin_ms, 1'000);
}

TEST_F(Replication, BelowMinInSyncReplicasNothingIsCommitted) {
  start_three(1);
  create();
  kill(3);
  ASSERT_EQ(produce(2, "a"), ErrorCode::none) << "once it is out of the ISR";
  cut(1, 2);  // its controller, too: the ISR stays as it is known here
  EXPECT_EQ(produce(2, "b", -1, 1'000), ErrorCode::request_timed_out);
  heal();
  ask_until([&] { return committed(2) == 2; }, "it goes on");
}

TEST_F(Replication, ALeaderAloneRefusesAcksOfAll) {
  start_three(1, {{"replica.lag.time.max.ms", "2000"}, {"broker.session.timeout.ms", "30000"}});
  create();
  cut(2, 3);
  world_.network().links().block({machine(1).id(), machine(2).id()}, broker_port);  // fetches only
  ASSERT_EQ(produce(2, "a", 1), ErrorCode::none);
  ask_until([&] { return isr(1).size() == 1; }, "the ISR does not shrink");
  EXPECT_EQ(produce(2, "b"), ErrorCode::not_enough_replicas);
  EXPECT_EQ(committed(2), 0);
  heal();
  ask_until([&] { return committed(2) == 1; }, "the ISR does not grow");
}

TEST_F(Replication, WhoLagsLeavesTheIsrThoughItsBrokerLives) {
  start_three(1, {{"replica.lag.time.max.ms", "2000"}, {"broker.session.timeout.ms", "30000"}});
  create();
  cut(2, 3);
  ASSERT_EQ(produce(2, "a"), ErrorCode::none) << "once it is out of the ISR";
  EXPECT_EQ(isr(2), (std::vector<int32_t>{1, 2}));
  heal();
  ask_until([&] { return isr(1).size() == 3; }, "the ISR does not grow");
  ask_until([&] { return are_logs_the_same(); }, "its log is another");
}

TEST_F(Replication, WhatADeposedLeaderAloneHasIsCutOff) {
  start_three(1);
  create();
  ASSERT_EQ(produce(2, "both"), ErrorCode::none);
  ask_until([&] { return are_logs_the_same(); }, "they have it");
  cut(2, 1);
  cut(2, 3);
  EXPECT_EQ(produce(2, "alone", 1), ErrorCode::none);
  EXPECT_EQ(produce(2, "alone, too", 1), ErrorCode::none);
  ask_until([&] { return leader(1) == 3; }, "nobody else leads");
  ask_until([&] { return produce(3, "instead") == ErrorCode::none; }, "it does not know that it leads");
  EXPECT_FALSE(are_logs_the_same());
  heal();
  ask_until([&] { return isr(1).size() == 3; }, "it does not come back into the ISR");
  ask_until([&] { return are_logs_the_same(); }, "its log is another");
  EXPECT_EQ(committed(3), 2);
}

TEST_F(Replication, MetadataOfVersion0NamesBrokersThatLiveAlone) {
  start_three(1);
  create();
  const auto described = [&] {
    wire::MetadataRequest request;
    request.topics = {{.name = "t"}};
    const auto response = ask<wire::MetadataResponse>(1, request, 0);
    return response ? response->topics.at(0).partitions.at(0) : Partition{};
  };
  EXPECT_EQ(described().error_code, ErrorCode::none);
  EXPECT_EQ(described().replica_nodes, (std::vector<int32_t>{2, 3, 1}));
  kill(3);
  ask_until([&] { return described().error_code == ErrorCode::replica_not_available; }, "it is not fenced");
  EXPECT_EQ(described().leader_id, 2);
  EXPECT_EQ(described().replica_nodes, (std::vector<int32_t>{2, 1}));
  EXPECT_EQ(describe(1).error_code, ErrorCode::none);
  EXPECT_EQ(describe(1).replica_nodes, (std::vector<int32_t>{2, 3, 1}));
}

// Who restarted knows from its snapshot that a batch is old, but not where it lies: it may be in what is not
// committed yet, and a client takes this error for success.
TEST_F(Replication, ADuplicateOfWhatIsForgottenIsToldOfOnceAllIsCommitted) {
  start_three(1);
  create();
  for (int32_t sequence = 0; sequence < 3; ++sequence)
    ASSERT_EQ(produce_in_sequence(2, sequence), ErrorCode::none);
  stop(2);
  start(2);
  wait_until_serving(2);
  ask_until([&] { return isr(1).size() == 3; }, "it does not come back into the ISR");
  kill(3);
  ask_until([&] { return leader(1) == 2 && leader(2) == 2; }, "it does not lead again");
  EXPECT_EQ(produce_in_sequence(2, 0), ErrorCode::duplicate_sequence_number);
  cut(2, 1);
  EXPECT_EQ(produce_in_sequence(2, 3, 1), ErrorCode::none) << "not committed";
  EXPECT_EQ(produce_in_sequence(2, 0, -1, 1'000), ErrorCode::request_timed_out);
  EXPECT_EQ(produce_in_sequence(2, 0, 1), ErrorCode::duplicate_sequence_number)
      << "who does not wait is told at once";
}

/// Whether it has to flush before it tells, or not.
class AnEmptyReplica : public Replication, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(FlushMessages, AnEmptyReplica, testing::Values("1", "9223372036854775807"));

TEST_P(AnEmptyReplica, BeginsWhereItsLeaderDoes) {
  start_three(1, {{"log.flush.interval.messages", GetParam()}});
  create();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  ASSERT_EQ(delete_before(2, 4), std::pair(ErrorCode::none, int64_t{4}));
  kill(3);
  ask_until([&] { return isr(1).size() == 2; }, "it is not missed");
  wipe(3);
  start(3);
  wait_until_serving(3);
  ask_until([&] { return isr(1).size() == 3; }, "it does not come back into the ISR");
  EXPECT_NE(log_bytes(3, "00000000000000000004"), "none");
  ASSERT_EQ(produce(leader(1), "b"), ErrorCode::none);
}

// The follower empties its log to begin with a batch whose first records are deleted, and that batch is
// broken.
TEST_F(Replication, ABrokenBatchToBeginWithIsFetchedAgain) {
  start_three(1);
  create({2, 3});
  record::BatchBuilder batch;
  for (int i = 0; i < 2; ++i) batch.append({.timestamp = sim::SimClock::epoch_ms});
  ASSERT_EQ(produce_batch(2, std::move(batch), "a", -1, 10'000, "t"), ErrorCode::none);
  ASSERT_EQ(delete_before(2, 1), std::pair(ErrorCode::none, int64_t{1}));
  kill(3);
  ask_until([&] { return isr(1).size() == 1; }, "it is not missed");
  wipe(3);
  stop(2);
  start(2);  // has nothing in memory
  ask_until([&] { return leader(2) == 2; }, "it does not lead again");
  const auto spoil_or_mend = [&] {
    ASSERT_TRUE(machine(2).disk().flip_bits("/data/t-0/00000000000000000000.log", log_bytes(2).size() - 1,
                                            std::byte{1}));
  };
  spoil_or_mend();
  start(3);
  wait_until_serving(3);
  world_.run_for(5'000);
  ASSERT_EQ(isr(1).size(), 1u);
  spoil_or_mend();
  ask_until([&] { return isr(1).size() == 2; }, "it is not asked for again");
}

TEST_F(Replication, ADeadBrokerIsFencedLongBeforeItsSessionEnds) {
  start_three(1, {{"broker.session.timeout.ms", "600000"}});
  create();
  const int64_t before_ms = world_.now_ms();
  kill(2);
  ask_until([&] { return leader(1) == 3; }, "nobody else leads");
  EXPECT_LT(world_.now_ms() - before_ms, 1'000);
}

TEST_F(Replication, ABrokerThatDiedWithTheControllerIsFencedByTheNext) {
  start_three(3, {{"broker.session.timeout.ms", "600000"}});
  create();
  const int32_t controller = wait_for_leader({1, 2, 3});
  kill(controller);
  const int32_t other = controller % 3 + 1;
  ask_until([&] { return isr(other).size() == 2; }, "it is not fenced");
}

TEST_F(Replication, ABrokerThatCannotBeReachedIsNotDead) {
  start_three(1, {{"broker.session.timeout.ms", "20000"}});
  create();
  cut(1, 2);
  world_.run_for(10'000);
  EXPECT_EQ(leader(1), 2);
  ask_until([&] { return leader(1) == 3; }, "its session does not end");
}

TEST_F(Replication, WhoStopsBeforeItHasRecoveredDoesNotCallItsLogsClean) {
  start_three(3);
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  for (int32_t id = 1; id <= 3; ++id) kill(id);
  start(2);  // alone it does not come to know of its partitions
  world_.run_for(1'000);
  stop(2);
  EXPECT_FALSE(is_marked_clean(2));
  for (int32_t id = 1; id <= 3; ++id) start(id);
  for (int32_t id = 1; id <= 3; ++id) wait_until_serving(id);
  ask_until([&] { return isr(1).size() == 3; }, "they do not come back");
  for (int32_t id = 1; id <= 3; ++id) stop(id);
  EXPECT_TRUE(is_marked_clean(2));
}

/// A power cut takes what it had, and for as long as its old session lasts the metadata calls it the leader.
TEST_F(Replication, WhoComesBackLeadsNothingBeforeItIsRegistered) {
  start_three(1);
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  machine(2).power_off();
  start(2);
  bool knew_the_partition = false;
  run_until(
      [&] {
        Node& node = *server(2).node;
        if (node.is_serving()) return true;
        if (!node.replica_manager()) return false;
        for (const auto& shard : node.replica_manager()->table().all()) {
          knew_the_partition = true;
          EXPECT_EQ(shard->standing().leader_epoch, -1);
        }
        return HasFailure();
      },
      "it does not come back");
  EXPECT_TRUE(knew_the_partition);
  ask_until([&] { return leader(1) > 0 && isr(1).size() == 3; }, "it does not follow");
  EXPECT_EQ(committed(leader(1)), 1);
}

TEST_F(Replication, ALeaderThatIsAskedToStopHandsOverFirst) {
  start_three(3);
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  stop(2);
  EXPECT_EQ(leader(1), 3);
  ask_until([&] { return leader(3) == 3; }, "it does not know");
  EXPECT_EQ(produce(3, "b"), ErrorCode::none);
  EXPECT_EQ(committed(3), 2);
}

// Both broker-to-broker sessions of a leader are dropped as unused while their followers are paused.
TEST_F(Replication, AFollowerWhoseSessionIsGoneOpensAnother) {
  start_three(1, {{"broker.session.timeout.ms", "600000"},
                  {"replica.lag.time.max.ms", "600000"},
                  {"max.incremental.fetch.session.cache.slots", "2"}});
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  machine(3).pause();
  world_.run_for(130'000);
  const auto open = [&] {
    wire::FetchRequest request{.session_epoch = 0};
    request.topics.push_back({.topic = "t", .partitions = {{.partition = 0, .fetch_offset = 1}}});
    const auto response = ask<wire::FetchResponse>(2, request, 12);
    return response ? response->session_id : -1;
  };
  EXPECT_NE(open(), 0) << "it takes the place of the one that is not used";
  EXPECT_EQ(open(), 0) << "the other is";
  machine(3).resume();
  ASSERT_EQ(produce(2, "b"), ErrorCode::none) << "all three have it";
  ask_until([&] { return are_logs_the_same(); }, "its log is another");
}

// A follower's request that waits at the leader for other partitions does not know of a new one.
TEST_F(Replication, ANewPartitionIsFollowedAtOnce) {
  start_three(1);
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  world_.run_for(1'000);
  const int64_t before_ms = world_.now_ms();
  for (int i = 0; i < 4; ++i) {
    wire::CreateTopicsRequest request;
    request.topics.push_back(
        {.name = "new" + std::to_string(i), .num_partitions = -1, .replication_factor = -1});
    request.topics[0].assignments.push_back({.partition_index = 0, .broker_ids = {2, 3, 1}});
    ASSERT_TRUE(ask<wire::CreateTopicsResponse>(2, request));
    ASSERT_EQ(produce(2, "a", -1, 10'000, request.topics[0].name), ErrorCode::none);
  }
  EXPECT_LT(world_.now_ms() - before_ms, 400) << "a follower's Fetch waits for 500 ms";
}

// KIP-207: what consumers were told once must not seem to be undone by a new leader.
TEST_F(Replication, ANewLeaderThatDoesNotKnowWhatIsCommittedSaysSo) {
  start_three(1, {{"replica.lag.time.max.ms", "60000"}});
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  world_.run_for(2'000);  // all know that it is committed
  world_.network().links().block({machine(1).id(), machine(3).id()}, broker_port);  // follows 3 later only
  ASSERT_EQ(produce(2, "b"), ErrorCode::none);
  kill(2);
  ask_until([&] { return leader(3) == 3; }, "nobody else leads");
  const auto end = [&](int16_t version, int64_t timestamp = -1) {
    wire::ListOffsetsRequest request{.replica_id = -1};
    request.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .timestamp = timestamp}}});
    const auto response = ask<wire::ListOffsetsResponse>(3, request, version);
    return response ? std::pair(response->topics.at(0).partitions.at(0).error_code,
                                response->topics[0].partitions[0].offset)
                    : std::pair(response.error().code, int64_t{-2});
  };
  EXPECT_EQ(end(5).first, ErrorCode::offset_not_available);
  EXPECT_EQ(end(4).first, ErrorCode::leader_not_available);
  EXPECT_EQ(end(5, sim::SimClock::epoch_ms + 1).first, ErrorCode::offset_not_available)
      << "it may be that there is such a record";
  EXPECT_EQ(end(5, -2), std::pair(ErrorCode::none, int64_t{0}));
  heal();
  ask_until([&] { return end(5) == std::pair(ErrorCode::none, int64_t{2}); }, "it does not learn it");
}

TEST_F(Replication, AFetchOfWhoIsNoReplicaIsRefused) {
  start_three(1);
  create();
  const auto fetch_as = [&](int32_t replica, int32_t epoch) {
    wire::FetchRequest request{.replica_id = replica};
    request.topics.push_back(
        {.topic = "t",
         .partitions = {{.partition = 0, .current_leader_epoch = epoch, .partition_max_bytes = 1}}});
    const auto response = ask<wire::FetchResponse>(2, request, 12);
    return response ? response->responses.at(0).partitions.at(0).error_code : response.error().code;
  };
  EXPECT_EQ(fetch_as(7, describe(2).leader_epoch), ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(fetch_as(7, -1), ErrorCode::not_leader_or_follower);
}

/// What kafka-transactions describe-producers --broker-id asks.
TEST_F(Replication, AFollowerTellsOfItsProducers) {
  start_three(1);
  create();
  ASSERT_EQ(produce_in_sequence(2, 0), ErrorCode::none);
  wire::DescribeProducersRequest request;
  request.topics.push_back({.name = "t", .partition_indexes = {0}});
  const auto response = ask<wire::DescribeProducersResponse>(3, request);
  ASSERT_TRUE(response);
  const auto& told = response->topics.at(0).partitions.at(0);
  EXPECT_EQ(told.error_code, ErrorCode::none);
  ASSERT_EQ(told.active_producers.size(), 1u);
  EXPECT_EQ(told.active_producers[0].producer_id, 7);
}

// Who has more of an epoch than there is cuts it off; out of range, it would begin somewhere else (KIP-595).
TEST_F(Replication, AnEpochIsComparedBeforeTheEndOfTheLog) {
  start_three(1);
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  const int32_t epoch = describe(2).leader_epoch;
  wire::FetchRequest request{.max_bytes = 1};
  request.topics.push_back(
      {.topic = "t",
       .partitions = {
           {.partition = 0, .fetch_offset = 5, .last_fetched_epoch = epoch, .partition_max_bytes = 1}}});
  const auto response = ask<wire::FetchResponse>(2, request, 12);
  ASSERT_TRUE(response);
  const auto& told = response->responses.at(0).partitions.at(0);
  EXPECT_EQ(told.error_code, ErrorCode::none);
  EXPECT_EQ(told.diverging_epoch.epoch, epoch);
  EXPECT_EQ(told.diverging_epoch.end_offset, 1);
}

TEST_F(Replication, FencedBrokersAreDescribedToWhoAsksForThem) {
  start_three(1);
  create();
  kill(3);
  ask_until([&] { return isr(1).size() == 2; }, "it is not missed");
  const auto described = [&](bool with_fenced) {
    wire::DescribeClusterRequest request;
    request.include_fenced_brokers = with_fenced;
    std::map<int32_t, bool> fenced;
    if (const auto response = ask<wire::DescribeClusterResponse>(2, request)) {
      for (const auto& broker : response->brokers) fenced.emplace(broker.broker_id, broker.is_fenced);
    }
    return fenced;
  };
  EXPECT_EQ(described(false), (std::map<int32_t, bool>{{1, false}, {2, false}}));
  EXPECT_EQ(described(true), (std::map<int32_t, bool>{{1, false}, {2, false}, {3, true}}));
}

/// On which side: "leader" or "follower".
class AThrottledReplica : public Replication, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Sides, AThrottledReplica, testing::Values("leader", "follower"));

TEST_P(AThrottledReplica, CatchesUpNoFasterThanItMay) {
  start_three(1, {{"replica.fetch.max.bytes", "20000"}, {"broker.session.timeout.ms", "30000"}});
  create();
  const std::string side = GetParam();
  const std::string broker = side == "leader" ? "2" : "3";
  constexpr int8_t topic_resource = 2, broker_resource = 4;
  wire::IncrementalAlterConfigsRequest request;
  request.resources.push_back(
      {broker_resource, broker, {{side + ".replication.throttled.rate", 0, "50000"}}});  // bytes a second
  request.resources.push_back(
      {topic_resource, "t", {{side + ".replication.throttled.replicas", 0, "0:" + broker}}});
  const auto response = ask<wire::IncrementalAlterConfigsResponse>(1, request);
  ASSERT_TRUE(response);
  for (const auto& result : response->responses)
    ASSERT_EQ(result.error_code, ErrorCode::none) << *result.error_message;

  const int64_t begun_ms = world_.now_ms();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(produce(2, std::string(20'000, 'v')), ErrorCode::none);
  EXPECT_LT(world_.now_ms() - begun_ms, 3'000) << "who is in the ISR is not held up";
  kill(3);
  ask_until([&] { return isr(1).size() == 2; }, "it is not missed");
  wipe(3);
  world_.run_for(20'000);  // what was sent meanwhile is forgotten
  start(3);
  wait_until_serving(3);
  const int64_t back_ms = world_.now_ms();
  ask_until([&] { return isr(1).size() == 3; }, "it does not catch up");
  // A leader that was quiet may first send what eleven seconds allow: a megabyte takes a follower's side
  // longer.
  EXPECT_GT(world_.now_ms() - back_ms, 8'000) << "a megabyte";
  EXPECT_LT(world_.now_ms() - back_ms, 25'000);
  EXPECT_TRUE(are_logs_the_same());
}

}  // namespace
}  // namespace kt::node
