// Groups whose coordinator moves to another broker, over whole nodes: who waits at the old one is told so.
#include <algorithm>

#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/11_join_group.h"
#include "libbroker/wire/12_heartbeat.h"
#include "libbroker/wire/14_sync_group.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/43_elect_leaders.h"
#include "tests/unit/node/cluster_fixture.h"

namespace kt::node {
namespace {

class GroupFailover : public ClusterFixture {
 protected:
  static constexpr const char* offsets = "__consumer_offsets";

  /// The coordinator of all groups is broker 2; broker 3 has its log too.
  void start_three(metadata::ConfigMap properties = {}) {
    properties.insert({{"broker.session.timeout.ms", "3000"}, {"min.insync.replicas", "2"}});
    start_cluster(3, properties);
    wire::CreateTopicsRequest request;
    request.topics.push_back({.name = offsets, .num_partitions = -1, .replication_factor = -1});
    request.topics[0].assignments.push_back({.partition_index = 0, .broker_ids = {2, 3}});
    request.topics[0].configs.push_back({"cleanup.policy", "compact"});
    const auto response = ask<wire::CreateTopicsResponse>(1, request);
    ASSERT_TRUE(response) << response.error().message;
    ASSERT_EQ(response->topics.at(0).error_code, ErrorCode::none) << *response->topics[0].error_message;
    ASSERT_EQ(create_topic(1, "t", 1, 1), ErrorCode::none);
    for (const int32_t id : {2, 3})
      ask_until([&] { return has_topic(id, "t") && coordinator(id) == 2; }, "it is not known");
  }
  wire::MetadataResponse::MetadataResponsePartition describe(int32_t by) {
    wire::MetadataRequest request;
    request.topics = {{.name = offsets}};
    const auto response = ask<wire::MetadataResponse>(by, request);
    if (!response || response->topics.at(0).partitions.empty()) return {.leader_id = -1};
    return response->topics.at(0).partitions.at(0);
  }
  int32_t coordinator(int32_t as_seen_by) { return describe(as_seen_by).leader_id; }
  void move_to_preferred() {
    const auto elected = ask<wire::ElectLeadersResponse>(
        1, wire::ElectLeadersRequest{.topic_partitions = {{{.topic = offsets, .partitions = {0}}}},
                                     .timeout_ms = 10'000});
    ASSERT_TRUE(elected) << elected.error().message;
    ASSERT_EQ(elected->error_code, ErrorCode::none);
  }
  /// Away from its preferred replica, which comes back into the ISR.
  void make_three_coordinate() {
    kill(2);
    ask_until([&] { return coordinator(3) == 3; }, "nobody else coordinates");
    start(2);
    wait_until_serving(2);
    ask_until([&] { return describe(3).isr_nodes.size() == 2; }, "it does not come back");
  }

  static wire::JoinGroupRequest join_request(const std::string& member_id, int32_t session_ms = 30'000) {
    wire::JoinGroupRequest request;
    request.group_id = "g";
    request.session_timeout_ms = session_ms;
    request.rebalance_timeout_ms = 300'000;
    request.member_id = member_id;
    request.protocol_type = "consumer";
    request.protocols.push_back({.name = "range"});
    return request;
  }
  /// The id that the coordinator gives a new member, which is to join with it.
  std::string new_member(int32_t at) {
    const auto response = ask<wire::JoinGroupResponse>(at, join_request(""));
    if (!response || response->error_code != ErrorCode::member_id_required) return "";
    return response->member_id;
  }
  /// Its generation, of which it is the only member.
  int32_t join_alone(int32_t at, const std::string& member_id) {
    const auto joined = ask<wire::JoinGroupResponse>(at, join_request(member_id));
    if (!joined || joined->error_code != ErrorCode::none) return -1;
    wire::SyncGroupRequest sync{
        .group_id = "g", .generation_id = joined->generation_id, .member_id = member_id};
    sync.protocol_type = "consumer";
    sync.protocol_name = "range";
    sync.assignments.push_back({.member_id = member_id});
    const auto synced = ask<wire::SyncGroupResponse>(at, sync);
    return synced && synced->error_code == ErrorCode::none ? joined->generation_id : -1;
  }
  static wire::OffsetCommitRequest commit_request(int64_t offset) {
    wire::OffsetCommitRequest request{.group_id = "simple", .generation_id_or_member_epoch = -1};
    request.topics.push_back(
        {.name = "t", .partitions = {{.partition_index = 0, .committed_offset = offset}}});
    return request;
  }
  static ErrorCode outcome(const Result<wire::OffsetCommitResponse>& response) {
    return response ? response->topics.at(0).partitions.at(0).error_code : response.error().code;
  }
  ErrorCode commit(int32_t at, int64_t offset) {
    return outcome(ask<wire::OffsetCommitResponse>(at, commit_request(offset), 9));
  }
  static wire::OffsetFetchRequest committed_request() {
    wire::OffsetFetchRequest request;
    request.groups.push_back({.group_id = "simple", .topics = {{{.name = "t", .partition_indexes = {0}}}}});
    return request;
  }
  /// -1: none; -2: the coordinator does not say.
  int64_t committed(int32_t at) { return told(ask<wire::OffsetFetchResponse>(at, committed_request(), 9)); }
  static int64_t told(const Result<wire::OffsetFetchResponse>& response) {
    if (!response || response->groups.at(0).error_code != ErrorCode::none) return -2;
    return response->groups[0].topics.at(0).partitions.at(0).committed_offset;
  }
};

// They used to be told nothing: their connections were closed.
TEST_F(GroupFailover, WhoWaitsForAnotherMemberHearsThatTheCoordinatorIsAnother) {
  start_three();
  make_three_coordinate();
  ask_until([&] { return committed(3) != -2; }, "the groups are not loaded");
  const std::string first = new_member(3);
  const int32_t generation = join_alone(3, first);
  ASSERT_GE(generation, 0);
  const std::string second = new_member(3);
  const auto joining = begin<wire::JoinGroupResponse>(3, join_request(second));
  world_.run_for(1'000);
  ASSERT_FALSE(joining.has_come()) << "the first has not rejoined";
  move_to_preferred();
  run_until([&] { return joining.has_come(); }, "nobody tells it");
  const auto told = joining.get();
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(told->member_id, second);

  const wire::HeartbeatRequest beat{.group_id = "g", .generation_id = generation, .member_id = first};
  EXPECT_EQ(ask<wire::HeartbeatResponse>(3, beat)->error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(commit(3, 5), ErrorCode::not_coordinator);
  ask_until([&] { return ask<wire::HeartbeatResponse>(2, beat)->error_code == ErrorCode::none; },
            "the new coordinator does not know its member");
  EXPECT_EQ(commit(2, 5), ErrorCode::none);
}

TEST_F(GroupFailover, WhoWaitsForTheLeadersAssignmentHearsItToo) {
  start_three({{"group.initial.rebalance.delay.ms", "100"}});
  make_three_coordinate();
  ask_until([&] { return committed(3) != -2; }, "the groups are not loaded");
  const std::string first = new_member(3), second = new_member(3);
  const auto a = begin<wire::JoinGroupResponse>(3, join_request(first));
  const auto b = begin<wire::JoinGroupResponse>(3, join_request(second));
  run_until([&] { return a.has_come() && b.has_come(); }, "no generation begins");
  const auto one = a.get(), other = b.get();
  ASSERT_TRUE(one && other);
  ASSERT_EQ(one->generation_id, other->generation_id);
  const auto& follower = one->leader == one->member_id ? *other : *one;
  wire::SyncGroupRequest sync{
      .group_id = "g", .generation_id = follower.generation_id, .member_id = follower.member_id};
  sync.protocol_type = "consumer";
  sync.protocol_name = "range";
  const auto syncing = begin<wire::SyncGroupResponse>(3, sync);
  world_.run_for(1'000);
  ASSERT_FALSE(syncing.has_come());
  move_to_preferred();
  run_until([&] { return syncing.has_come(); }, "nobody tells it");
  ASSERT_TRUE(syncing.get()) << syncing.get().error().message;
  EXPECT_EQ(syncing.get()->error_code, ErrorCode::not_coordinator);
}

TEST_F(GroupFailover, ACommitThatIsNotReplicatedInTimeIsNotAvailable) {
  start_three({{"replica.lag.time.max.ms", "60000"},
               {"broker.session.timeout.ms", "60000"},
               {"offsets.commit.timeout.ms", "2000"}});
  ask_until([&] { return commit(2, 1) == ErrorCode::none; }, "it does not coordinate");
  machine(3).pause();
  const int64_t before_ms = world_.now_ms();
  EXPECT_EQ(commit(2, 2), ErrorCode::coordinator_not_available);
  EXPECT_GE(world_.now_ms() - before_ms, 2'000);
  EXPECT_LT(world_.now_ms() - before_ms, 3'000);
  machine(3).resume();
  ask_until([&] { return commit(2, 3) == ErrorCode::none; }, "it does not go on");
  EXPECT_EQ(committed(2), 3);
}

// It may have been replaced: the offsets that it knows may be old.
TEST_F(GroupFailover, ACoordinatorWhomNobodyFollowsTellsNoOffsets) {
  start_three({{"replica.lag.time.max.ms", "60000"}, {"broker.session.timeout.ms", "60000"}});
  ask_until([&] { return commit(2, 1) == ErrorCode::none; }, "it does not coordinate");
  ASSERT_EQ(committed(2), 1);
  machine(3).pause();
  world_.run_for(2'000);
  EXPECT_EQ(committed(2), -2);
  machine(3).resume();
  ask_until([&] { return committed(2) == 1; }, "it does not go on");
}

TEST_F(GroupFailover, OffsetsAreToldOnceTheFollowersHaveSaidThatTheyStillFollow) {
  start_three({{"replica.lag.time.max.ms", "60000"}, {"broker.session.timeout.ms", "60000"}});
  ask_until([&] { return commit(2, 1) == ErrorCode::none; }, "it does not coordinate");
  const int64_t before_ms = world_.now_ms();
  ASSERT_EQ(committed(2), 1);
  EXPECT_LT(world_.now_ms() - before_ms, 100) << "their fetches are answered at once";
  machine(3).pause();
  const auto asked = begin<wire::OffsetFetchResponse>(2, committed_request(), 9);
  world_.run_for(800);
  EXPECT_FALSE(asked.has_come());
  machine(3).resume();
  run_until([&] { return asked.has_come(); }, "it is not told");
  EXPECT_EQ(told(asked.get()), 1);
}

TEST_F(GroupFailover, NoCommittedOffsetIsLost) {
  start_three({{"min.insync.replicas", "1"}});
  ask_until([&] { return commit(2, 1) == ErrorCode::none; }, "it does not coordinate");
  for (int64_t offset = 2; offset <= 20; ++offset) ASSERT_EQ(commit(2, offset), ErrorCode::none);
  kill(2);
  ask_until([&] { return coordinator(3) == 3 && committed(3) != -2; }, "nobody else coordinates");
  EXPECT_EQ(committed(3), 20);
}

}  // namespace
}  // namespace kt::node
