#include "libcli/commands/server/host_name.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kt::cli::server {
namespace {

metadata::BrokerConfig config_of(const std::string& voters) {
  const metadata::ConfigMap none, properties{{"process.roles", "broker,controller"},
                                             {"node.id", "1"},
                                             {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                                             {"controller.listener.names", "CONTROLLER"},
                                             {"controller.quorum.voters", voters},
                                             {"log.dirs", "/a"}};
  return metadata::BrokerConfig::from({none, none, properties}).value();
}

TEST(NameHosts, InAClusterOthersHaveToFindEachBroker) {
  auto config = config_of("1@a:9093,2@b:9093");
  config.advertised_listeners.push_back({"OUTSIDE", metadata::SecurityProtocol::plaintext, "told", 9094});
  int asked = 0;
  name_hosts(config, [&] { return ++asked, "me.example"; });
  EXPECT_EQ(asked, 1) << "it may take seconds";
  EXPECT_EQ(config.advertised_listeners[0].host, "me.example");
  EXPECT_EQ(config.advertised_listeners[1].host, "told");
  EXPECT_EQ(config.controller_advertised_listeners[0].host, "me.example");
  EXPECT_EQ(config.listeners[0].host, "") << "bound to all";
}

TEST(NameHosts, ABrokerAloneIsWhereItWasReached) {
  auto config = config_of("1@a:9093");
  name_hosts(config, []() -> std::string { throw std::logic_error("nobody needs it"); });
  EXPECT_EQ(config.advertised_listeners[0].host, "");
}

}  // namespace
}  // namespace kt::cli::server
