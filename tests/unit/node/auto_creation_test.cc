// Topics that come into being by being asked for.
#include <gtest/gtest.h>

#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/32_describe_configs.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

constexpr int8_t topic_type = 2;

TEST(AutoCreation, TheTopicOfTransactionsIsAsItsCoordinatorsNeedIt) {
  OneNode node({.properties = {{"transaction.state.log.replication.factor", "1"},
                               {"transaction.state.log.min.isr", "1"},
                               {"transaction.state.log.num.partitions", "7"}}});
  ASSERT_TRUE(node.start());
  wire::MetadataRequest ask;
  ask.topics.emplace().push_back({.name = "__transaction_state"});
  ask.allow_auto_topic_creation = true;
  node.ask<wire::MetadataResponse>(ask);
  node.world().run_for(5'000);
  EXPECT_EQ(node.ask<wire::MetadataResponse>(ask).topics.at(0).partitions.size(), 7u);
  wire::DescribeConfigsRequest describe;
  describe.resources.push_back({topic_type, "__transaction_state", {{"cleanup.policy"}}});
  const auto described = node.ask<wire::DescribeConfigsResponse>(describe).results.at(0);
  ASSERT_EQ(described.configs.size(), 1u);
  EXPECT_EQ(described.configs[0].value, "compact");
}

}  // namespace
}  // namespace kt::node
