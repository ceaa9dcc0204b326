#include "libbroker/metadata/broker_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kt::metadata {
namespace {

const ConfigMap nothing;

Result<BrokerConfig> parse(const ConfigMap& properties) {
  return BrokerConfig::from({nothing, nothing, properties});
}

ConfigMap combined(ConfigMap more = {}) {
  more.merge(ConfigMap{{"process.roles", "broker,controller"},
                       {"node.id", "1"},
                       {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                       {"controller.listener.names", "CONTROLLER"},
                       {"controller.quorum.voters", "1@localhost:9093"},
                       {"log.dirs", "/a, /b"}});
  return more;
}

TEST(BrokerConfig, CombinedNode) {
  const auto config =
      parse(combined({{"advertised.listeners", "PLAINTEXT://here:1"}, {"kt.io.threads", "2"}}));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->is_broker && config->is_controller);
  EXPECT_EQ(config->node_id, 1);
  EXPECT_EQ(config->listeners,
            (std::vector<Endpoint>{{"PLAINTEXT", SecurityProtocol::plaintext, "", 9092},
                                   {"CONTROLLER", SecurityProtocol::plaintext, "", 9093}}));
  EXPECT_EQ(config->advertised_listeners,
            (std::vector<Endpoint>{{"PLAINTEXT", SecurityProtocol::plaintext, "here", 1}}));
  EXPECT_EQ(config->quorum_voters, (std::vector<Voter>{{1, "localhost", 9093}}));
  EXPECT_EQ(config->log_dirs, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config->metadata_log_dir, "/a");
  EXPECT_EQ(config->inter_broker_listener_name, "PLAINTEXT");
  EXPECT_EQ(config->session_timeout_ms, 9000);
  EXPECT_EQ(config->io_threads, 2);
  EXPECT_EQ(config->validate_compressed, ValidateCompressed::records);
}

TEST(BrokerConfig, DynamicLayersCount) {
  const ConfigMap file = combined(), everywhere = {{"max.connections", "5"}},
                  here = {{"max.connections", "6"}};
  EXPECT_EQ(BrokerConfig::from({nothing, everywhere, file})->connections_max, 5);
  EXPECT_EQ(BrokerConfig::from({here, everywhere, file})->connections_max, 6);
}

TEST(BrokerConfig, FileOfTheZooKeeperAge) {
  const auto config = parse({{"broker.id", "2"},
                             {"zookeeper.connect", "localhost:2181"},
                             {"host.name", "127.0.0.1"},
                             {"port", "9094"},
                             {"log.dirs", "/tmp/x"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->is_broker);
  EXPECT_FALSE(config->is_controller);
  EXPECT_EQ(config->node_id, 2);
  EXPECT_EQ(config->zookeeper_connect, "localhost:2181");
  EXPECT_EQ(config->listeners,
            (std::vector<Endpoint>{{"PLAINTEXT", SecurityProtocol::plaintext, "127.0.0.1", 9094}}));
  EXPECT_EQ(parse({{"zookeeper.connect", "localhost:2181"}})->node_id, -1);
  EXPECT_EQ(config->quorum_bootstrap_servers, (std::vector<HostPort>{{"localhost", 2181}}));
  EXPECT_EQ(config->controller_listener_names, (std::vector<std::string>{"ZOOKEEPER"}));
  EXPECT_EQ(parse({{"zookeeper.connect", "a:1,b:2"}})->quorum_bootstrap_servers.size(), 2u);
  EXPECT_THAT(parse({{"zookeeper.connect", "a:1/kafka"}}).error().message,
              testing::HasSubstr("there are no paths (chroots)"));
  EXPECT_EQ(parse({{"zookeeper.connect", "a"}}).error().message, "zookeeper.connect=a: a is not host:port");
}

TEST(BrokerConfig, WhatIsMissingOfAnAdvertisedHostAndPortIsAsBoundTo) {
  const auto advertised = [](std::string name, std::string value) {
    const auto config = parse({{"broker.id", "2"},
                               {"zookeeper.connect", "localhost:2181"},
                               {"host.name", "127.0.0.1"},
                               {"port", "9094"},
                               {std::move(name), std::move(value)},
                               {"log.dirs", "/tmp/x"}});
    return config ? config->advertised_listeners : std::vector<Endpoint>{};
  };
  EXPECT_EQ(advertised("advertised.host.name", "broker"),
            (std::vector<Endpoint>{{"PLAINTEXT", SecurityProtocol::plaintext, "broker", 9094}}));
  EXPECT_EQ(advertised("advertised.port", "19094"),
            (std::vector<Endpoint>{{"PLAINTEXT", SecurityProtocol::plaintext, "127.0.0.1", 19094}}));
}

struct Case {
  ConfigMap properties;
  std::string sentence;
};

TEST(BrokerConfig, OneClearSentence) {
  const std::vector<Case> cases = {
      {{}, "Missing required configuration \"process.roles\" which has no default value."},
      {{{"process.roles", "broker"}},
       "Missing configuration `node.id` which is required when `process.roles` is defined (i.e. when running "
       "in "
       "KRaft mode)."},
      {combined({{"broker.id", "2"}}), "You must set `node.id` to the same value as `broker.id`."},
      {combined({{"num.partitions", "0"}}),
       "Invalid value 0 for configuration num.partitions: Value must be at least 1"},
      {combined({{"controller.quorum.voters", "1-localhost"}}),
       "Invalid configuration value for controller.quorum.voters. Each entry should be in the form "
       "`{id}@{host}:{port}`."},
      {combined({{"controller.quorum.voters", "2@localhost:1"}}),
       "If process.roles contains the 'controller' role, the node id 1 must be included in the set of voters "
       "controller.quorum.voters"},
      {combined({{"controller.quorum.voters", ""}}),
       "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap "
       "controllers or controller.quorum.voters must contain a parseable set of controllers."},
      {combined({{"controller.listener.names", "X"}}),
       "Error creating broker listeners from 'PLAINTEXT://:9092,CONTROLLER://:9093': No security protocol "
       "defined for "
       "listener CONTROLLER"},
      {combined({{"listeners", "PLAINTEXT://:9092,PLAINTEXT://:9093"}}),
       "Each listener must have a different name, listeners: PLAINTEXT://:9092,PLAINTEXT://:9093"},
      {combined({{"listeners", "PLAINTEXT://:9092,CONTROLLER://:9092"}}),
       "Each listener must have a different port, listeners: PLAINTEXT://:9092,CONTROLLER://:9092"},
      {combined({{"listeners", "nonsense"}}),
       "Error creating broker listeners from 'nonsense': Unable to parse nonsense to a broker endpoint"},
      {combined({{"listeners", "CONTROLLER://:9093"}}),
       "There must be at least one broker advertised listener. Perhaps all listeners appear in "
       "controller.listener.names?"},
      {combined({{"advertised.listeners", "PLAINTEXT://0.0.0.0:9092"}}),
       "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address."},
      {combined({{"inter.broker.listener.name", "INTERNAL"}}),
       "Listener with name INTERNAL defined in inter.broker.listener.name not found in "
       "listener.security.protocol.map."},
      {combined({{"log.dirs", ","}, {"log.dir", ""}}),
       "At least one log directory must be defined via log.dirs or log.dir."},
      {combined({{"process.roles", "broker"}, {"controller.quorum.voters", "3@localhost:1"}}),
       "controller.listener.names must not contain a value appearing in the 'listeners' configuration when "
       "running "
       "KRaft with just the broker role"},
      {combined({{"process.roles", "controller"}}),
       "The listeners config must only contain KRaft controller listeners from controller.listener.names "
       "when "
       "process.roles=controller"},
  };
  for (const Case& c : cases) {
    const auto config = parse(c.properties);
    EXPECT_EQ(config ? "ok" : config.error().message, c.sentence);
  }
}

TEST(BrokerConfig, WhatIsBoundToAllAddressesIsToldAsOneOfThem) {
  constexpr const char* refused =
      "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.";
  EXPECT_EQ(parse(combined({{"listeners", "PLAINTEXT://0.0.0.0:9092,CONTROLLER://:9093"}})).error().message,
            refused);
  EXPECT_EQ(parse(combined({{"listeners", "PLAINTEXT://:9092,CONTROLLER://0.0.0.0:9093"}})).error().message,
            refused);
  EXPECT_TRUE(parse(combined({{"listeners", "PLAINTEXT://0.0.0.0:9092,CONTROLLER://:9093"},
                              {"advertised.listeners", "PLAINTEXT://me:9092"}})));
}

TEST(BrokerConfig, PluginsThatWouldForbidSomethingAreNotIgnored) {
  const auto config =
      parse(combined({{"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}}));
  ASSERT_FALSE(config);
  EXPECT_TRUE(
      config.error().message.starts_with("authorizer.class.name=org.apache.kafka.metadata.authorizer."
                                         "StandardAuthorizer: there is no such thing here yet"))
      << config.error().message;
  EXPECT_TRUE(parse(combined({{"authorizer.class.name", ""}})));
}

TEST(BrokerConfig, NothingIsKeptForNoTimeAtAll) {
  const auto error = [](ConfigMap properties) {
    const auto config = parse(combined(std::move(properties)));
    return config ? "" : config.error().message;
  };
  constexpr const char* retention = "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
  EXPECT_EQ(error({{"log.retention.ms", "0"}}), retention);
  EXPECT_EQ(error({{"log.retention.hours", "0"}}), retention);
  EXPECT_EQ(error({{"log.retention.hours", "0"}, {"log.retention.ms", "1"}}), "");
  EXPECT_EQ(error({{"log.retention.minutes", "-1"}}), "");
  EXPECT_EQ(error({{"log.roll.ms", "0"}}), "log.roll.ms must be greater than or equal to 1");
}

TEST(BrokerConfig, OnePortForAnIpv4AndAnIpv6Listener) {
  EXPECT_TRUE(parse(combined(
      {{"listeners", "PLAINTEXT://127.0.0.1:9092,B://[::1]:9092,CONTROLLER://:9093"},
       {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,B:PLAINTEXT,CONTROLLER:PLAINTEXT"}})));
}

TEST(WarningsAbout, UnknownAndIdleKeys) {
  const auto warnings = warnings_about({{"num.partition", "3"},
                                        {"zookeeper.session.timeout.ms", "1"},
                                        {"zookeeper.connect", "x:1"},
                                        {"listener.name.x.ssl.keystore.location", "f"},
                                        {"log.dirs", "/x"}});
  EXPECT_EQ(warnings, (std::vector<std::string>{"unknown key num.partition; did you mean num.partitions?",
                                                "zookeeper.session.timeout.ms has no effect any more"}));
}

}  // namespace
}  // namespace kt::metadata
