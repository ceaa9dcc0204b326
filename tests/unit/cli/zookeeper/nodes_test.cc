#include "libcli/commands/zookeeper/nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kt::cli::zookeeper {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

client::Topology two_brokers() {
  client::Topology topology{.cluster_id = "c", .controller_id = 2};
  topology.brokers[10] = {{"b", 9094}, {}};
  topology.brokers[2] = {{"a", 9092}, "r1"};
  auto& topic = topology.topics["t"];
  topic.partitions.push_back(
      {.partition_index = 0, .leader_id = 2, .leader_epoch = 7, .replica_nodes = {2, 10}, .isr_nodes = {2}});
  return topology;
}

TEST(ZooKeepersNodes, AreThoseThatPeopleLookedAt) {
  const Nodes nodes(two_brokers(), {{"t", {{"retention.ms", "1000"}}}});
  EXPECT_THAT(nodes.children("/"), Optional(ElementsAre("brokers", "cluster", "config", "controller")));
  EXPECT_THAT(nodes.children("/brokers/ids"), Optional(ElementsAre("2", "10")));
  EXPECT_THAT(nodes.children("/brokers/topics/"), Optional(ElementsAre("t")));
  EXPECT_THAT(nodes.children("/brokers/topics/t/partitions"), Optional(ElementsAre("0")));
  EXPECT_THAT(nodes.children("/brokers/ids/2"), Optional(IsEmpty()));
  EXPECT_EQ(nodes.children("/consumers"), std::nullopt);
  EXPECT_EQ(nodes.data("/brokers/topics/t"), R"({"version":1,"partitions":{"0":[2,10]}})");
  EXPECT_EQ(nodes.data("/brokers/topics/t/partitions/0/state"),
            R"({"leader":2,"version":1,"leader_epoch":7,"isr":[2]})");
  EXPECT_EQ(nodes.data("/config/topics/t"), R"({"version":1,"config":{"retention.ms":"1000"}})");
  EXPECT_EQ(nodes.data("/controller"), R"({"version":1,"brokerid":2})");
  EXPECT_EQ(nodes.data("/cluster/id"), R"({"version":"1","id":"c"})");
  EXPECT_EQ(
      nodes.data("/brokers/ids/2"),
      R"({"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"endpoints":["PLAINTEXT://a:9092"],)"
      R"("jmx_port":-1,"host":"a","port":9092,"version":4,"rack":"r1"})");
}

TEST(ZooKeepersNodes, OfAClusterWithoutBrokers) {
  const Nodes nodes({}, {});
  EXPECT_THAT(nodes.children("/brokers/ids"), Optional(IsEmpty()));
  EXPECT_EQ(nodes.children("/controller"), std::nullopt);
}

}  // namespace
}  // namespace kt::cli::zookeeper
