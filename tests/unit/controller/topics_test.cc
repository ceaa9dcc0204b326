#include "libbroker/controller/topics.h"

#include <set>

#include "tests/unit/controller/cluster.h"

namespace kt::controller {
namespace {

using Topic = Cluster::Topic;

/// "value/source" of a configuration entry in the answer.
std::string shown(const wire::CreateTopicsResponse::CreatableTopicResult& result, std::string_view name) {
  for (const auto& config : *result.configs)
    if (config.name == name)
      return config.value.value_or("null") + "/" + std::to_string(config.config_source);
  return "absent";
}

TEST(CreateTopics, WritesTheTopicItsConfigurationAndItsPartitions) {
  Cluster cluster;
  cluster.start({1, 2, 3});
  const auto result = cluster.create({.name = "orders",
                                      .num_partitions = 3,
                                      .replication_factor = 2,
                                      .configs = {{"retention.ms", "1000"}, {"cleanup.policy", "compact"}}});
  EXPECT_EQ(result.error_code, ErrorCode::none);
  EXPECT_EQ(result.error_message, std::nullopt);
  EXPECT_EQ(result.num_partitions, 3);
  EXPECT_EQ(result.replication_factor, 2);
  ASSERT_EQ(cluster.last_records.size(), 6u);
  EXPECT_EQ(metadata::name_of(cluster.last_records[0]), "TopicRecord");
  EXPECT_EQ(metadata::name_of(cluster.last_records[1]), "ConfigRecord");
  EXPECT_EQ(metadata::name_of(cluster.last_records[3]), "PartitionRecord");
  const metadata::Topic* topic = cluster.image().topic("orders");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->id, result.topic_id);
  std::set<int32_t> leaders;
  for (const auto& [index, partition] : topic->partitions) {
    EXPECT_EQ(partition->replicas.size(), 2u);
    EXPECT_EQ(partition->isr, partition->replicas);
    EXPECT_EQ(partition->leader, partition->replicas.front());
    EXPECT_EQ(partition->leader_epoch, 0);
    EXPECT_EQ(partition->partition_epoch, 0);
    EXPECT_EQ(partition->directories.front(), Cluster::directory(partition->replicas.front()));
    leaders.insert(partition->leader);
  }
  EXPECT_EQ(leaders.size(), 3u);  // striped: each broker leads one
  ASSERT_TRUE(result.configs);
  EXPECT_EQ(result.configs->size(), 33u);
  EXPECT_EQ(shown(result, "retention.ms"), "1000/1");
  EXPECT_EQ(shown(result, "segment.ms"), "604800000/5");
  cluster.expect_replay_agrees();
}

TEST(CreateTopics, AValueIsNoLongerThanARecordHolds) {
  Cluster cluster;
  cluster.start({1});
  std::string replicas = "0:1";
  while (replicas.size() <= 32'767) replicas += ",0:1";
  const auto result = cluster.create({.name = "t",
                                      .num_partitions = 1,
                                      .replication_factor = 1,
                                      .configs = {{"leader.replication.throttled.replicas", replicas}}});
  EXPECT_EQ(result.error_code, ErrorCode::invalid_config);
  EXPECT_FALSE(cluster.image().topic("t"));
}

TEST(CreateTopics, DefaultsComeFromTheController) {
  auto config = Cluster::default_config();
  config.num_partitions = 4;
  config.default_replication_factor = 2;
  config.properties = {{"log.retention.hours", "1"}};
  Cluster cluster(config);
  cluster.start({1, 2});
  const auto result = cluster.create({.name = "t", .num_partitions = -1, .replication_factor = -1});
  EXPECT_EQ(result.num_partitions, 4);
  EXPECT_EQ(result.replication_factor, 2);
  EXPECT_EQ(shown(result, "retention.ms"), "3600000/4");
}

struct Refusal {
  Topic topic;
  ErrorCode code;
  std::string message;
};

TEST(CreateTopics, RefusesWithKafkasSentences) {
  Cluster cluster;
  cluster.start({1, 2});
  EXPECT_EQ(cluster.ask(Cluster::registration(3)).error_code, ErrorCode::none);  // stays fenced
  cluster.create_with("orders", {{1}});
  cluster.create_with("a.b", {{1}});
  const Refusal refusals[] = {
      {{.name = "orders", .num_partitions = 1, .replication_factor = 1},
       ErrorCode::topic_already_exists,
       "Topic 'orders' already exists."},
      {{.name = "a.b", .num_partitions = 1, .replication_factor = 1},
       ErrorCode::topic_already_exists,
       "Topic 'a.b' already exists."},
      {{.name = "a_b", .num_partitions = 1, .replication_factor = 1},
       ErrorCode::invalid_topic_exception,
       "Topic 'a_b' collides with existing topic: a.b"},
      {{.name = "a b", .num_partitions = 1, .replication_factor = 1},
       ErrorCode::invalid_topic_exception,
       "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', "
       "'_' and "
       "'-'"},
      {{.name = "__cluster_metadata", .num_partitions = 1, .replication_factor = 1},
       ErrorCode::invalid_request,
       "Creation of internal topic __cluster_metadata is prohibited."},
      {{.name = "t", .num_partitions = 1, .replication_factor = 4},
       ErrorCode::invalid_replication_factor,
       "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached "
       "because "
       "only 3 broker(s) are registered."},
      {{.name = "t", .num_partitions = 1, .replication_factor = 0},
       ErrorCode::invalid_replication_factor,
       "Replication factor must be larger than 0, or -1 to use the default value."},
      {{.name = "t", .num_partitions = 0, .replication_factor = 1},
       ErrorCode::invalid_partitions,
       "Number of partitions was set to an invalid non-positive value."},
      {{.name = "t", .num_partitions = -2, .replication_factor = 1},
       ErrorCode::invalid_partitions,
       "Number of partitions was set to an invalid non-positive value."},
      {{.name = "t", .num_partitions = 10'001, .replication_factor = 1},
       ErrorCode::policy_violation,
       "Excessively large number of partitions per request."},
      {{.name = "t", .num_partitions = 1, .replication_factor = 1, .configs = {{"foo", "1"}}},
       ErrorCode::invalid_config,
       "Unknown topic config name: foo"},
      {{.name = "t",
        .num_partitions = 1,
        .replication_factor = 1,
        .configs = {{"retention.ms", std::nullopt}}},
       ErrorCode::invalid_config,
       "Null value not supported for topic configs: retention.ms"},
      {{.name = "t", .num_partitions = 1, .replication_factor = 1, .configs = {{"retention.ms", "x"}}},
       ErrorCode::invalid_config,
       "Invalid value x for configuration retention.ms: Not a number of type LONG"},
      {{.name = "t", .num_partitions = -1, .replication_factor = 1, .assignments = {{0, {1}}}},
       ErrorCode::invalid_request,
       "A manual partition assignment was specified, but replication factor was not set to -1."},
      {{.name = "t", .num_partitions = 1, .replication_factor = -1, .assignments = {{0, {1}}}},
       ErrorCode::invalid_request,
       "A manual partition assignment was specified, but numPartitions was not set to -1."},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {1}}, {0, {2}}}},
       ErrorCode::invalid_replica_assignment,
       "Found multiple manual partition assignments for partition 0"},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {1}}, {2, {2}}}},
       ErrorCode::invalid_replica_assignment,
       "partitions should be a consecutive 0-based integer sequence"},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {}}}},
       ErrorCode::invalid_replica_assignment,
       "The manual partition assignment includes an empty replica list."},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {9}}}},
       ErrorCode::invalid_replica_assignment,
       "The manual partition assignment includes broker 9, but no such broker is registered."},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {1, 1}}}},
       ErrorCode::invalid_replica_assignment,
       "The manual partition assignment includes the broker 1 more than once."},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {1}}, {1, {1, 2}}}},
       ErrorCode::invalid_replica_assignment,
       "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent "
       "with "
       "previous partitions, which have 1 replica(s)."},
      {{.name = "t", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {3}}}},
       ErrorCode::invalid_replica_assignment,
       "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled "
       "shutdown."},
  };
  const auto before = cluster.image();
  for (const Refusal& refusal : refusals) {
    const auto result = cluster.create(refusal.topic);
    EXPECT_EQ(result.error_code, refusal.code) << refusal.message;
    EXPECT_EQ(result.error_message, refusal.message);
    EXPECT_TRUE(cluster.last_records.empty());
  }
  EXPECT_EQ(cluster.image(), before);
}

TEST(CreateTopics, NeedsAnUnfencedBroker) {
  Cluster cluster;
  const auto message = [&] {
    return cluster.create({.name = "t", .num_partitions = 1, .replication_factor = 1}).error_message;
  };
  EXPECT_EQ(message(), "Unable to replicate the partition 1 time(s): All brokers are currently fenced.");
  cluster.ask(Cluster::registration(1));
  EXPECT_EQ(message(), "Unable to replicate the partition 1 time(s): All brokers are currently fenced.");
}

TEST(CreateTopics, AnswersInOrderWithDuplicatesLast) {
  Cluster cluster;
  cluster.start({1});
  const auto topic = [](const char* name) {
    return Topic{.name = name, .num_partitions = 1, .replication_factor = 1};
  };
  const auto reply = cluster.ask(wire::CreateTopicsRequest{
      .topics = {topic("twice"), topic("b"), topic("bad name"), topic("a"), topic("twice")}});
  std::vector<std::string> names;
  for (const auto& result : reply.topics) names.push_back(result.name);
  EXPECT_EQ(names, (std::vector<std::string>{"b", "bad name", "a", "twice"}));
  EXPECT_EQ(reply.topics.back().error_code, ErrorCode::invalid_request);
  EXPECT_EQ(reply.topics.back().error_message, "Duplicate topic name.");
  EXPECT_TRUE(cluster.image().topic("a") && cluster.image().topic("b"));
  EXPECT_FALSE(cluster.image().topic("twice"));
}

TEST(CreateTopics, ValidateOnlyWritesNothing) {
  Cluster cluster;
  cluster.start({1});
  const auto reply = cluster.ask(wire::CreateTopicsRequest{
      .topics = {{.name = "t", .num_partitions = 2, .replication_factor = 1}}, .validate_only = true});
  EXPECT_EQ(reply.topics.front().error_code, ErrorCode::none);
  EXPECT_EQ(reply.topics.front().num_partitions, 2);
  EXPECT_TRUE(cluster.last_records.empty());
  EXPECT_FALSE(cluster.image().topic("t"));
}

TEST(CreateTopics, FencedReplicasAreNotInSync) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.fence(2);
  cluster.create_with("t", {{2, 1}});
  EXPECT_EQ(cluster.show("t"), "leader 1 epoch 0 isr 1");
}

TEST(CreateTopics, TopicIdsAreOfTheSeed) {
  const auto id = [] {
    Cluster cluster;
    cluster.start({1});
    return cluster.create({.name = "t", .num_partitions = 1, .replication_factor = 1}).topic_id;
  };
  EXPECT_EQ(id(), id());
}

TEST(DeleteTopics, ByNameAndById) {
  Cluster cluster;
  cluster.start({1});
  const Uuid a = cluster.create_with("a", {{1}}, {{"retention.ms", "1"}});
  const Uuid b = cluster.create_with("b", {{1}});
  const Uuid c = cluster.create_with("c", {{1}});
  const Uuid unknown{5, 5};
  const auto reply = cluster.ask(wire::DeleteTopicsRequest{.topics = {{.name = "a"},
                                                                      {.topic_id = b},
                                                                      {.name = "missing"},
                                                                      {.topic_id = unknown},
                                                                      {},
                                                                      {.name = "c", .topic_id = c},
                                                                      {.name = "c"},
                                                                      {.name = "c"}}},
                                 6);
  const auto& r = reply.responses;
  ASSERT_EQ(r.size(), 7u);
  EXPECT_EQ(r[0].error_code, ErrorCode::none);
  EXPECT_EQ(r[0].topic_id, a);
  EXPECT_EQ(r[1].error_code, ErrorCode::none);
  EXPECT_EQ(r[1].name, "b");
  EXPECT_EQ(r[2].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(r[3].error_code, ErrorCode::unknown_topic_id);
  EXPECT_EQ(r[3].name, std::nullopt);
  EXPECT_EQ(r[4].error_message, "Neither topic name nor id were specified.");
  EXPECT_EQ(r[5].error_message, "You may not specify both topic name and topic id.");
  EXPECT_EQ(r[6].error_message, "Duplicate topic name.");
  EXPECT_FALSE(cluster.image().topic("a"));
  EXPECT_TRUE(cluster.image().topic("c"));
  EXPECT_TRUE(cluster.image().configs.empty());
  cluster.expect_replay_agrees();
}

TEST(DeleteTopics, NameAndIdOfOneTopicContradict) {
  Cluster cluster;
  cluster.start({1});
  const Uuid a = cluster.create_with("a", {{1}});
  const auto reply = cluster.ask(wire::DeleteTopicsRequest{.topics = {{.topic_id = a}, {.name = "a"}}}, 6);
  ASSERT_EQ(reply.responses.size(), 1u);
  EXPECT_EQ(reply.responses[0].error_message,
            "The provided topic name maps to an ID that was already supplied.");
  EXPECT_TRUE(cluster.image().topic("a"));
}

TEST(DeleteTopics, MayBeDisabled) {
  auto config = Cluster::default_config();
  config.delete_topic_enable = false;
  Cluster cluster(config);
  cluster.start({1});
  cluster.create_with("a", {{1}});
  const wire::DeleteTopicsRequest request{.topic_names = {"a"}};
  EXPECT_EQ(cluster.ask(request, 5).responses[0].error_code, ErrorCode::topic_deletion_disabled);
  EXPECT_EQ(cluster.ask(request, 2).responses[0].error_code, ErrorCode::invalid_request);
  EXPECT_TRUE(cluster.image().topic("a"));
}

wire::CreatePartitionsRequest grow(std::string name, int32_t count,
                                   std::optional<std::vector<std::vector<int32_t>>> lists = {}) {
  wire::CreatePartitionsRequest::CreatePartitionsTopic topic{.name = std::move(name), .count = count};
  topic.assignments.reset();
  if (lists) {
    topic.assignments.emplace();
    for (auto& list : *lists) topic.assignments->push_back({std::move(list)});
  }
  return {.topics = {std::move(topic)}};
}

TEST(CreatePartitions, OneRequestIsTenThousandRecordsAtMost) {
  Cluster cluster;
  cluster.start({1});
  cluster.create_with("a", {{1}});
  cluster.create_with("b", {{1}});
  wire::CreatePartitionsRequest request;
  for (const char* name : {"a", "b"})
    request.topics.push_back({.name = name, .count = 6'000, .assignments = std::nullopt});
  for (const bool validate_only : {true, false}) {
    request.validate_only = validate_only;
    const auto decision = cluster.controller().handle(request, cluster.context());
    ASSERT_TRUE(decision.refusal);
    EXPECT_EQ(decision.refusal->code, ErrorCode::policy_violation);
    EXPECT_TRUE(decision.records.empty());
  }
  EXPECT_EQ(cluster.image().topic("a")->partitions.size(), 1u);
}

TEST(CreatePartitions, AddsPartitionsWithTheTopicsReplicationFactor) {
  Cluster cluster;
  cluster.start({1, 2, 3});
  cluster.create_with("t", {{1, 2}});
  EXPECT_EQ(cluster.ask(grow("t", 3)).results[0].error_code, ErrorCode::none);
  EXPECT_EQ(cluster.image().topic("t")->partitions.size(), 3u);
  EXPECT_EQ(cluster.partition("t", 2).replicas.size(), 2u);
  EXPECT_EQ(cluster.ask(grow("t", 4, {{{3, 1}}})).results[0].error_code, ErrorCode::none);
  EXPECT_EQ(cluster.partition("t", 3).replicas, (std::vector<int32_t>{3, 1}));
  cluster.expect_replay_agrees();
}

TEST(CreatePartitions, RefusesWithKafkasSentences) {
  Cluster cluster;
  cluster.start({1, 2});
  cluster.create_with("orders", {{1}, {2}, {1}});
  const auto outcome = [&](const wire::CreatePartitionsRequest& request) {
    const auto result = cluster.ask(request).results.at(0);
    return std::string(name_of(result.error_code)) + ": " + result.error_message.value_or("null");
  };
  EXPECT_EQ(outcome(grow("none", 4)), "UNKNOWN_TOPIC_OR_PARTITION: null");
  EXPECT_EQ(outcome(grow("orders", 3)), "INVALID_PARTITIONS: Topic already has 3 partition(s).");
  EXPECT_EQ(outcome(grow("orders", 2)),
            "INVALID_PARTITIONS: The topic orders currently has 3 partition(s); 2 would not be an increase.");
  EXPECT_EQ(
      outcome(grow("orders", 5, {{{1}}})),
      "INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but only 1 assignment(s) were "
      "specified.");
  EXPECT_EQ(outcome(grow("orders", 4, {{{1, 2}}})),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes a partition with 2 "
            "replica(s), but "
            "this is not consistent with previous partitions, which have 1 replica(s).");
  EXPECT_EQ(outcome(grow("orders", 20'000)),
            "POLICY_VIOLATION: Excessively large number of partitions per request.");
  auto twice = grow("orders", 4);
  twice.topics.push_back(twice.topics.front());
  EXPECT_EQ(outcome(twice), "INVALID_REQUEST: Duplicate topic name.");
  auto dry = grow("orders", 4);
  dry.validate_only = true;
  EXPECT_EQ(outcome(dry), "NONE: null");
  EXPECT_EQ(cluster.image().topic("orders")->partitions.size(), 3u);
}

}  // namespace
}  // namespace kt::controller
