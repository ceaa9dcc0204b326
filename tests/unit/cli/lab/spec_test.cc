#include "libcli/lab/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libbroker/metadata/broker_config.h"
#include "libcli/lab/control.h"

namespace kt::lab {
namespace {

using testing::HasSubstr;

Spec example() {
  return {.name = "three",
          .cluster_id = "AAAAAAAAAAAAAAAAAAAAAA",
          .is_fast = true,
          .nodes = lay_out(3, 1, 9092),
          .properties = {}};
}

TEST(Spec, BrokersHaveThePortsFromTheBaseOn) {
  const Spec spec = example();
  EXPECT_EQ(spec.bootstrap_servers(), "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094");
  EXPECT_EQ(spec.brokers(), 3);
  ASSERT_NE(spec.find(100), nullptr);
  EXPECT_EQ(spec.find(100)->port, 9192);
  EXPECT_EQ(spec.find(100)->name(), "controller-100");
  EXPECT_EQ(spec.find(3), nullptr);
}

TEST(Spec, SurvivesItsFile) {
  Spec spec = example();
  spec.properties = {{"num.partitions", "3"}};
  const auto read = spec_from_json(to_json(spec));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(spec));
}

TEST(Spec, ABrokenFileIsToldOf) {
  for (const char* text :
       {"", "[]", "{}", R"({"name":"../x","cluster_id":"","fast":false,"nodes":[],"properties":{}})",
        R"({"name":"x","cluster_id":"","fast":false,"nodes":[],"properties":{}})"}) {
    const auto read = spec_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("lab.json"));
  }
}

TEST(Spec, EveryNodesPropertiesAreWhatTheServerTakes) {
  for (const bool is_fast : {false, true}) {
    Spec spec = example();
    spec.is_fast = is_fast;
    for (const NodeSpec& node : spec.nodes) {
      const auto properties =
          config::parse_properties(properties_text(node_properties(spec, node, "/tmp/x")));
      ASSERT_TRUE(properties);
      const metadata::ConfigMap none;
      const auto config = metadata::BrokerConfig::from({none, none, *properties});
      ASSERT_TRUE(config) << config.error().message;
      EXPECT_EQ(config->node_id, node.id);
      EXPECT_EQ(config->is_controller, node.is_controller);
      EXPECT_EQ(config->session_timeout_ms, is_fast ? 1000 : 3000);
    }
  }
}

TEST(Spec, WhatIsSetByHandBeatsTheLabs) {
  Spec spec = example();
  spec.properties = {{"broker.session.timeout.ms", "7000"}};
  EXPECT_EQ(node_properties(spec, spec.nodes[1], "/x")["broker.session.timeout.ms"], "7000");
}

TEST(PropertiesText, ReadsBackAsItWas) {
  const config::Properties odd = {
      {"a key", " blank first"}, {"b", "back\\slash"}, {"c=d", "x=y:z"}, {"e", "two\nlines"}, {"f", ""}};
  const auto read = config::parse_properties(properties_text(odd));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, odd);
}

TEST(LabName, IsNoPath) {
  for (const char* good : {"lab", "three-brokers", "a.b_c", "9"}) EXPECT_TRUE(is_lab_name(good)) << good;
  for (const char* bad : {"", ".", "..", "../x", "a/b", "-x", "a b", "a\n"})
    EXPECT_FALSE(is_lab_name(bad)) << bad;
  EXPECT_FALSE(is_lab_name(std::string(65, 'x')));
}

TEST(Control, RequestsAndRepliesAreLines) {
  const auto request = parse_request(to_line(Request{.ask = "kill", .node = 2, .signal = 15}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->ask, "kill");
  EXPECT_EQ(request->node, 2);
  EXPECT_EQ(request->signal, 15);
  NodeStatus node;
  node.spec = {1, false, 9093};
  node.state = NodeState::paused;
  node.pid = 12, node.starts = 3, node.ended = "signal 9";
  const auto reply = parse_reply(to_line(Reply{.error = "no", .nodes = {node}}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error, "no");
  ASSERT_EQ(reply->nodes.size(), 1u);
  EXPECT_EQ(reply->nodes[0].state, NodeState::paused);
  EXPECT_EQ(reply->nodes[0].ended, "signal 9");
}

TEST(Control, WhatIsNoRequestIsRefused) {
  for (const char* line : {"", "{}\n", "[1]\n", R"({"ask":1})", R"({"ask":"kill","node":"x"})", "\xff\n"})
    EXPECT_FALSE(parse_request(line)) << line;
  EXPECT_EQ(verb_of("format"), std::nullopt);
  EXPECT_EQ(verb_of("down"), Verb::down);
}

}  // namespace
}  // namespace kt::lab
