#include "libbroker/controller/configs.h"

#include "tests/unit/controller/cluster.h"

namespace kt::controller {
namespace {

using metadata::ConfigMap;
using metadata::ResourceType;
using Incremental = wire::IncrementalAlterConfigsRequest;
constexpr int8_t set = 0, erase = 1, append = 2, subtract = 3;
constexpr int8_t topic = 2, broker = 4, client_metrics = 16, group = 32;

class ConfigsTest : public testing::Test {
 protected:
  ConfigsTest() {
    cluster.start({1});
    cluster.create_with("t", {{1}});
  }
  std::string alter(int8_t type, const std::string& name, std::vector<Incremental::AlterableConfig> configs) {
    return outcome(cluster.ask(Incremental{
        .resources = {{.resource_type = type, .resource_name = name, .configs = std::move(configs)}}}));
  }
  std::string replace(const std::string& name,
                      std::vector<wire::AlterConfigsRequest::AlterableConfig> configs) {
    return outcome(cluster.ask(wire::AlterConfigsRequest{
        .resources = {{.resource_type = topic, .resource_name = name, .configs = std::move(configs)}}}));
  }
  static std::string outcome(const auto& reply) {
    const auto& answer = reply.responses.at(0);
    return std::string(name_of(answer.error_code)) +
           (answer.error_message ? ": " + *answer.error_message : "");
  }
  const ConfigMap& config(ResourceType type, std::string_view name) {
    return cluster.image().config(type, name);
  }

  Cluster cluster;
};

TEST_F(ConfigsTest, SetsAndErasesValues) {
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", set, "5"}, {"segment.ms", set, "7"}}), "NONE");
  EXPECT_EQ(config(ResourceType::topic, "t"), (ConfigMap{{"retention.ms", "5"}, {"segment.ms", "7"}}));
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", erase, std::nullopt}}), "NONE");
  EXPECT_EQ(config(ResourceType::topic, "t"), (ConfigMap{{"segment.ms", "7"}}));
  EXPECT_EQ(alter(topic, "t", {{"segment.ms", set, "7"}}), "NONE");
  EXPECT_TRUE(cluster.last_records.empty());
  cluster.expect_replay_agrees();
}

TEST_F(ConfigsTest, EditsLists) {
  EXPECT_EQ(alter(topic, "t", {{"cleanup.policy", append, "compact"}}), "NONE");
  EXPECT_EQ(config(ResourceType::topic, "t"), (ConfigMap{{"cleanup.policy", "delete,compact"}}));
  EXPECT_EQ(alter(topic, "t", {{"cleanup.policy", append, "compact"}}), "NONE");
  EXPECT_TRUE(cluster.last_records.empty());
  EXPECT_EQ(alter(topic, "t", {{"cleanup.policy", subtract, "delete"}}), "NONE");
  EXPECT_EQ(config(ResourceType::topic, "t"), (ConfigMap{{"cleanup.policy", "compact"}}));
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", append, "1"}}),
            "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", subtract, "1"}}),
            "INVALID_CONFIG: Can't SUBTRACT to key retention.ms because its type is not LIST.");
}

TEST_F(ConfigsTest, RefusesWithKafkasSentences) {
  EXPECT_EQ(alter(topic, "t", {{"foo", set, "1"}}), "INVALID_CONFIG: Unknown topic config name: foo");
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", set, "x"}}),
            "INVALID_CONFIG: Invalid value x for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(alter(topic, "none", {{"retention.ms", set, "1"}}),
            "UNKNOWN_TOPIC_OR_PARTITION: The topic 'none' does not exist.");
  EXPECT_EQ(alter(topic, "", {}), "INVALID_REQUEST: Default topic resources are not allowed.");
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", set, "1"}, {"retention.ms", set, "2"}}),
            "INVALID_REQUEST: Error due to duplicate config keys");
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", set, std::nullopt}, {"segment.ms", append, std::nullopt}}),
            "INVALID_REQUEST: Null value not supported for : retention.ms, segment.ms");
  EXPECT_EQ(alter(topic, "t", {{"retention.ms", 9, "1"}}), "INVALID_REQUEST: Unknown operations type 9");
  EXPECT_EQ(alter(3, "t", {}), "INVALID_REQUEST: Unknown resource type 3");
  EXPECT_EQ(alter(broker, "x", {}), "INVALID_REQUEST: Unable to parse broker name as a base 10 number.");
  EXPECT_EQ(alter(broker, "-1", {}), "INVALID_REQUEST: Invalid negative broker ID.");
  EXPECT_EQ(alter(broker, "9", {{"max.connections", set, "1"}}),
            "BROKER_ID_NOT_REGISTERED: No node with id 9 found.");
  EXPECT_EQ(alter(broker, "1", {{"node.id", set, "1"}}),
            "INVALID_REQUEST: Cannot update these configs dynamically: Set(node.id)");
  EXPECT_EQ(alter(group, "", {}), "INVALID_REQUEST: Default group resources are not allowed.");
  const Incremental::AlterConfigsResource twice{.resource_type = topic, .resource_name = "t"};
  EXPECT_EQ(outcome(cluster.ask(Incremental{.resources = {twice, twice}})),
            "INVALID_REQUEST: Each resource must appear at most once.");
}

/// "10000:1,10001:1,...": 2,500 replicas, 20 KB.
std::string many_replicas(int first) {
  std::string list;
  for (int i = first; i < first + 2'500; ++i) list += (list.empty() ? "" : ",") + std::to_string(i) + ":1";
  return list;
}

// Brokers tell of a value in fields that hold no more.
TEST_F(ConfigsTest, AValueIsNoLongerThanARecordHolds) {
  const char* key = "leader.replication.throttled.replicas";
  const std::string too_long =
      "INVALID_CONFIG: The configuration value cannot be added because it exceeds the maximum value size of "
      "32767 bytes.";
  EXPECT_EQ(alter(topic, "t", {{key, append, many_replicas(10'000)}}), "NONE");
  EXPECT_EQ(alter(topic, "t", {{key, append, many_replicas(20'000)}}), too_long);
  EXPECT_EQ(config(ResourceType::topic, "t").at(key), many_replicas(10'000));
  EXPECT_EQ(alter(broker, "", {{"ssl.cipher.suites", set, std::string(32'768, 'x')}}), too_long);
  EXPECT_EQ(replace("t", {{key, many_replicas(10'000) + "," + many_replicas(20'000)}}), too_long);
}

TEST_F(ConfigsTest, OfBrokersGroupsAndClientMetrics) {
  EXPECT_EQ(alter(broker, "1", {{"max.connections", set, "5"}}), "NONE");
  EXPECT_EQ(alter(broker, "1", {{"max.connections", set, "5"}}), "NONE");
  EXPECT_EQ(cluster.last_records.size(), 1u);  // brokers reload what a value names
  EXPECT_EQ(alter(broker, "", {{"log.retention.ms", set, "9"}}), "NONE");
  EXPECT_EQ(alter(broker, "100", {{"max.connections", set, "5"}}), "NONE");  // a controller
  EXPECT_EQ(alter(group, "g", {{"consumer.session.timeout.ms", set, "50000"}}), "NONE");
  EXPECT_EQ(alter(client_metrics, "m", {{"interval.ms", set, "100"}}), "NONE");
  EXPECT_EQ(config(ResourceType::broker, ""), (ConfigMap{{"log.retention.ms", "9"}}));
  EXPECT_EQ(config(ResourceType::group, "g"), (ConfigMap{{"consumer.session.timeout.ms", "50000"}}));
  EXPECT_EQ(config(ResourceType::client_metrics, "m"), (ConfigMap{{"interval.ms", "100"}}));
  cluster.expect_replay_agrees();
}

// What a broker has now it knows itself; the controller's own configuration says nothing of it.
TEST_F(ConfigsTest, ThreadsOfABrokerAreNotComparedWithTheControllers) {
  EXPECT_EQ(alter(broker, "1", {{"num.io.threads", set, "16"}}), "NONE");
  EXPECT_EQ(alter(broker, "1", {{"num.io.threads", set, "32"}}), "NONE");
  EXPECT_EQ(alter(broker, "1", {{"max.connections", set, "5"}}), "NONE");
  EXPECT_EQ(config(ResourceType::broker, "1"),
            (ConfigMap{{"max.connections", "5"}, {"num.io.threads", "32"}}));
}

TEST_F(ConfigsTest, OneRequestIsTenThousandRecordsAtMost) {
  Incremental request;
  for (int i = 0; i < 10'001; ++i)
    request.resources.push_back({.resource_type = client_metrics,
                                 .resource_name = "m" + std::to_string(i),
                                 .configs = {{"interval.ms", set, "100"}}});
  const auto decision = cluster.controller().handle(request, cluster.context());
  ASSERT_TRUE(decision.refusal);
  EXPECT_EQ(decision.refusal->code, ErrorCode::policy_violation);
  EXPECT_EQ(decision.refusal->message, "Unable to perform excessively large batch operation.");
  EXPECT_TRUE(decision.records.empty());
  EXPECT_TRUE(config(ResourceType::client_metrics, "m0").empty());
  request.resources.pop_back();
  cluster.ask(request);
  EXPECT_EQ(cluster.last_records.size(), 10'000u);
  EXPECT_FALSE(config(ResourceType::client_metrics, "m0").empty());
}

TEST_F(ConfigsTest, AResourceChangesWholeOrNotAtAll) {
  const auto reply = cluster.ask(Incremental{
      .resources = {
          {.resource_type = topic,
           .resource_name = "t",
           .configs = {{"retention.ms", set, "5"}, {"segment.ms", set, "x"}}},
          {.resource_type = broker, .resource_name = "1", .configs = {{"max.connections", set, "5"}}}}});
  EXPECT_EQ(reply.responses[0].error_code, ErrorCode::invalid_config);
  EXPECT_EQ(reply.responses[1].error_code, ErrorCode::none);
  EXPECT_TRUE(config(ResourceType::topic, "t").empty());
  EXPECT_EQ(config(ResourceType::broker, "1").size(), 1u);
}

TEST_F(ConfigsTest, ValidateOnlyWritesNothing) {
  cluster.ask(Incremental{
      .resources = {{.resource_type = topic, .resource_name = "t", .configs = {{"retention.ms", set, "5"}}}},
      .validate_only = true});
  EXPECT_TRUE(config(ResourceType::topic, "t").empty());
}

TEST_F(ConfigsTest, AlterConfigsReplacesAll) {
  alter(topic, "t", {{"retention.ms", set, "5"}, {"segment.ms", set, "7"}});
  EXPECT_EQ(replace("t", {{"segment.ms", "8"}}), "NONE");
  EXPECT_EQ(config(ResourceType::topic, "t"), (ConfigMap{{"segment.ms", "8"}}));
  EXPECT_EQ(replace("t", {{"segment.ms", std::nullopt}}),
            "INVALID_REQUEST: Null value not supported for : segment.ms");
  EXPECT_EQ(replace("t", {}), "NONE");
  EXPECT_TRUE(config(ResourceType::topic, "t").empty());
}

std::string update(Cluster& cluster, std::vector<wire::UpdateFeaturesRequest::FeatureUpdateKey> updates,
                   int16_t api_version = 2) {
  const auto reply =
      cluster.ask(wire::UpdateFeaturesRequest{.feature_updates = std::move(updates)}, api_version);
  return std::string(name_of(reply.error_code)) + (reply.error_message ? ": " + *reply.error_message : "");
}

// The controller has to know the least ISR of every topic (KIP-966).
TEST(UpdateFeatures, WithEligibleLeadersTheLeastIsrIsTheClusters) {
  auto config = Cluster::default_config();
  config.properties["min.insync.replicas"] = "2";
  Cluster cluster(config);
  cluster.start({1, 2});
  const auto alter = [&](const std::string& broker, int8_t operation, std::optional<std::string> value) {
    wire::IncrementalAlterConfigsRequest request;
    request.resources.push_back({.resource_type = static_cast<int8_t>(metadata::ResourceType::broker),
                                 .resource_name = broker,
                                 .configs = {{"min.insync.replicas", operation, std::move(value)}}});
    const auto reply = cluster.ask(request).responses.at(0);
    return std::string(name_of(reply.error_code)) + (reply.error_message ? ": " + *reply.error_message : "");
  };
  const auto least = [&](const std::string& broker) {
    const auto& configs = cluster.image().config(metadata::ResourceType::broker, broker);
    const auto found = configs.find("min.insync.replicas");
    return found == configs.end() ? "" : found->second;
  };
  EXPECT_EQ(alter("1", 0, "3"), "NONE");
  EXPECT_EQ(update(cluster, {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}),
            "NONE");
  EXPECT_EQ(least(""), "2") << "as the controller's file says";
  EXPECT_EQ(least("1"), "");
  EXPECT_EQ(alter("1", 0, "3"),
            "INVALID_CONFIG: Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
  EXPECT_EQ(alter("", 1, std::nullopt),
            "INVALID_CONFIG: Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  EXPECT_EQ(alter("", 0, "1"), "NONE");
  EXPECT_EQ(least(""), "1");
  cluster.expect_replay_agrees();
}

TEST(UpdateFeatures, FinalizesLevelsThatAllSpeak) {
  Cluster cluster;
  cluster.start({1});
  const std::string failed =
      "INVALID_UPDATE_VERSION: The update failed for all features since the following feature "
      "had an error: ";
  const char* elr = "eligible.leader.replicas.version";
  EXPECT_EQ(update(cluster, {{.feature = elr, .max_version_level = 1}}), "NONE");
  EXPECT_EQ(cluster.image().feature(elr), 1);
  EXPECT_EQ(
      update(cluster, {{.feature = elr, .max_version_level = 0}}),
      failed +
          "Invalid update version 0 for feature eligible.leader.replicas.version. Can't downgrade the "
          "version of this feature without setting the upgrade type to either safe or unsafe downgrade.");
  EXPECT_EQ(update(cluster, {{.feature = elr, .max_version_level = 0, .upgrade_type = 2}}), "NONE");
  EXPECT_EQ(cluster.image().feature(elr), 0);
  EXPECT_EQ(
      update(cluster, {{.feature = elr, .max_version_level = 2}}),
      failed +
          "Invalid update version 2 for feature eligible.leader.replicas.version. Local controller 100 only "
          "supports versions 0-1");
  EXPECT_EQ(update(cluster, {{.feature = "nonsense", .max_version_level = 1}}),
            failed +
                "Invalid update version 1 for feature nonsense. Local controller 100 does not support this "
                "feature.");
  EXPECT_EQ(
      update(cluster, {{.feature = elr, .max_version_level = 1, .upgrade_type = 2}}),
      failed +
          "Invalid update version 1 for feature eligible.leader.replicas.version. Can't downgrade to a newer "
          "version.");
  EXPECT_EQ(
      update(cluster, {{.feature = elr, .max_version_level = 1, .upgrade_type = 9}}),
      failed +
          "Invalid update version 1 for feature eligible.leader.replicas.version. The controller does not "
          "support the given upgrade type.");
  EXPECT_EQ(
      update(cluster, {{.feature = elr, .max_version_level = 1},
                       {.feature = "metadata.version", .max_version_level = 20, .upgrade_type = 2}}),
      failed +
          "Invalid metadata.version 20. Refusing to perform the requested downgrade because it might delete "
          "metadata information.");
  EXPECT_EQ(cluster.image().feature(elr), 0);  // all or nothing
  EXPECT_EQ(update(cluster, {{.feature = "metadata.version", .max_version_level = 23, .upgrade_type = 2}}),
            "NONE");
  EXPECT_EQ(cluster.image().metadata_version(), 23);
  cluster.expect_replay_agrees();
}

TEST(UpdateFeatures, TheQuorumsOwnLevelStaysWhatItIs) {
  auto config = Cluster::default_config();
  config.supported_features["kraft.version"] = {0, 1};
  Cluster cluster(config);
  EXPECT_EQ(
      update(cluster, {{.feature = "kraft.version", .max_version_level = 1}}),
      "INVALID_UPDATE_VERSION: The update failed for all features since the following feature had an "
      "error: Invalid update version 1 for feature kraft.version. This build of kt keeps the level that "
      "the quorum was formatted with, 0.");
  EXPECT_EQ(update(cluster, {{.feature = "kraft.version", .max_version_level = 0}}), "NONE");
  EXPECT_TRUE(cluster.last_records.empty());
  cluster.kraft_version = 1;
  EXPECT_EQ(update(cluster, {{.feature = "kraft.version", .max_version_level = 1}}), "NONE");
  EXPECT_TRUE(cluster.last_records.empty());
  EXPECT_EQ(
      update(cluster, {{.feature = "kraft.version", .max_version_level = 0, .upgrade_type = 2}}),
      "INVALID_UPDATE_VERSION: The update failed for all features since the following feature had an "
      "error: Invalid update version 0 for feature kraft.version. This build of kt keeps the level that "
      "the quorum was formatted with, 1.");
}

TEST(UpdateFeatures, OldVersionsAreAnsweredPerFeature) {
  Cluster cluster;
  const auto reply = cluster.ask(
      wire::UpdateFeaturesRequest{
          .feature_updates = {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}},
      1);
  ASSERT_EQ(reply.results.size(), 1u);
  EXPECT_EQ(reply.results[0].error_code, ErrorCode::none);
}

TEST(UpdateFeatures, ABrokerThatDoesNotSpeakTheLevelPreventsIt) {
  Cluster cluster;
  auto request = Cluster::registration(1);
  request.features = {{"metadata.version", 7, 25}};
  cluster.ask(request);
  EXPECT_EQ(
      update(cluster, {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}),
      "INVALID_UPDATE_VERSION: The update failed for all features since the following feature had an error: "
      "Invalid update version 1 for feature eligible.leader.replicas.version. Broker 1 does not support this "
      "feature.");
}

}  // namespace
}  // namespace kt::controller
