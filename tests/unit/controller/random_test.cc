#include <algorithm>
#include <set>

#include "tests/unit/controller/cluster.h"

namespace kt::controller {
namespace {

/// Random requests to a cluster of five brokers, with fail-overs between them. Controller::check_invariants
/// aborts on its own; here the log is held to the image, and what must hold of the whole cluster is checked.
class RandomWalk {
 public:
  explicit RandomWalk(uint64_t seed) : rng_(seed) {
    if (rng_.below(2))
      cluster_.ask(wire::UpdateFeaturesRequest{
          .feature_updates = {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}});
  }

  void step() {
    cluster_.now_ms += static_cast<int64_t>(rng_.below(3000));
    switch (rng_.below(12)) {
      case 0:
        return void(cluster_.ask(registration()));
      case 1:
      case 2:
      case 3:
        return void(cluster_.ask(heartbeat()));
      case 4:
        return create_topic();
      case 5:
        return delete_topic();
      case 6:
        return grow_topic();
      case 7:
      case 8:
        return alter_partition();
      case 9:
        return alter_config();
      case 10:
        return void(cluster_.ask(wire::ElectLeadersRequest{
            .election_type = static_cast<int8_t>(rng_.below(2)), .topic_partitions = std::nullopt}));
      default:
        if (rng_.below(8) == 0) return cluster_.fail_over();
        if (rng_.below(8) == 0)
          return void(cluster_.ask(wire::UnregisterBrokerRequest{.broker_id = some_broker()}));
        cluster_.tick();
    }
  }

  void check() const {
    cluster_.expect_replay_agrees();
    for (const auto& [id, topic] : cluster_.image().topics) {
      EXPECT_EQ(*cluster_.image().topic_ids.find(topic->name), id);
      int32_t next = 0;
      for (const auto& [index, partition] : topic->partitions) {
        EXPECT_EQ(index, next++);
        EXPECT_TRUE(!partition->has_leader() || cluster_.image().is_active(partition->leader));
      }
    }
    EXPECT_EQ(cluster_.image().topics.size(), cluster_.image().topic_ids.size());
  }
  size_t records() const { return cluster_.log.size(); }
  size_t partitions() const {
    size_t count = 0;
    for (const auto& [id, topic] : cluster_.image().topics) count += topic->partitions.size();
    return count;
  }

 private:
  int32_t some_broker() { return static_cast<int32_t>(rng_.below(5)); }
  std::string some_topic() { return "t" + std::to_string(rng_.below(6)); }

  wire::BrokerRegistrationRequest registration() {
    auto request = Cluster::registration(some_broker(), rng_.below(3));
    const auto* broker = cluster_.image().broker(request.broker_id);
    if (broker && rng_.below(2)) request.previous_broker_epoch = broker->epoch;
    if (rng_.below(2)) request.rack = std::to_string(rng_.below(2));
    return request;
  }
  wire::BrokerHeartbeatRequest heartbeat() {
    auto request = cluster_.heartbeat(some_broker());
    request.want_fence = rng_.below(6) == 0;
    request.want_shut_down = rng_.below(8) == 0;
    request.current_metadata_offset -= static_cast<int64_t>(rng_.below(3));
    return request;
  }
  void create_topic() {
    Cluster::Topic topic{.name = some_topic(),
                         .num_partitions = static_cast<int32_t>(rng_.below(5)),
                         .replication_factor = static_cast<int16_t>(rng_.below(4))};
    if (rng_.below(3) == 0) topic.configs.push_back({"unclean.leader.election.enable", "true"});
    if (rng_.below(3) == 0) topic.configs.push_back({"min.insync.replicas", "2"});
    cluster_.ask(wire::CreateTopicsRequest{.topics = {topic}, .validate_only = rng_.below(5) == 0});
  }
  void delete_topic() {
    if (rng_.below(3) == 0) cluster_.ask(wire::DeleteTopicsRequest{.topics = {{.name = some_topic()}}});
  }
  void grow_topic() {
    wire::CreatePartitionsRequest::CreatePartitionsTopic topic{
        .name = some_topic(), .count = static_cast<int32_t>(rng_.below(8)), .assignments = std::nullopt};
    cluster_.ask(wire::CreatePartitionsRequest{.topics = {topic}});
  }
  void alter_config() {
    cluster_.ask(wire::IncrementalAlterConfigsRequest{
        .resources = {{.resource_type = 2,
                       .resource_name = some_topic(),
                       .configs = {{"min.insync.replicas", 0, std::to_string(1 + rng_.below(3))}}}}});
  }
  void alter_partition() {
    const auto* topic = cluster_.image().topic(some_topic());
    if (!topic) return;
    for (const auto& [index, partition] : topic->partitions) {
      if (!partition->has_leader()) continue;
      wire::AlterPartitionRequest::PartitionData data{.partition_index = index,
                                                      .leader_epoch = partition->leader_epoch,
                                                      .partition_epoch = partition->partition_epoch};
      for (const int32_t id : partition->replicas)
        if (id == partition->leader || rng_.below(2)) data.new_isr_with_epochs.push_back({id, -1});
      cluster_.ask(
          wire::AlterPartitionRequest{.broker_id = partition->leader,
                                      .broker_epoch = cluster_.image().broker(partition->leader)->epoch,
                                      .topics = {{.topic_id = topic->id, .partitions = {data}}}});
      return;
    }
  }

  SeededRng rng_;
  Cluster cluster_;
};

TEST(RandomWalk, TheLogIsTheImage) {
  size_t records = 0, partitions = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWalk walk(seed);
    for (int i = 0; i < 400; ++i) {
      walk.step();
      if (i % 20 == 0) walk.check();
      if (testing::Test::HasFailure()) return;
    }
    walk.check();
    records += walk.records();
    partitions += walk.partitions();
  }
  EXPECT_GT(records, 3000u);  // the walk goes somewhere
  EXPECT_GT(partitions, 30u);
}

}  // namespace
}  // namespace kt::controller
