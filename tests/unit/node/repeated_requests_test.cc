// Requests that name a thing again and again: it is answered once, or few bytes would buy gigabytes.
#include <gtest/gtest.h>

#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/15_describe_groups.h"
#include "libbroker/wire/32_describe_configs.h"
#include "libbroker/wire/35_describe_log_dirs.h"
#include "libbroker/wire/61_describe_producers.h"
#include "libbroker/wire/74_list_config_resources.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

constexpr int8_t topic_type = 2;

/// A node that has the topic t of two partitions.
class Repeated : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node.start());
    node.create_topic("t", 2);
  }
  /// Until this node coordinates groups.
  void find_coordinator() {
    wire::FindCoordinatorRequest find;
    find.coordinator_keys = {"g"};
    for (int i = 0; i < 100; ++i) {
      const auto found = node.ask<wire::FindCoordinatorResponse>(find).coordinators.at(0);
      if (found.error_code == ErrorCode::none) return;
      node.world().run_for(100);
    }
    FAIL() << "there is no coordinator";
  }
  OneNode node;
};

TEST_F(Repeated, ATypeOfConfigResourcesIsListedOnce) {
  wire::ListConfigResourcesRequest request;
  request.resource_types = {topic_type, topic_type};
  const auto listed = node.ask<wire::ListConfigResourcesResponse>(request).config_resources;
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].resource_name, "t");
}

TEST_F(Repeated, AResourceIsDescribedOnce) {
  wire::DescribeConfigsRequest request;
  for (const char* name : {"t", "t", "u", "t"})
    request.resources.push_back({.resource_type = topic_type, .resource_name = name});
  const auto results = node.ask<wire::DescribeConfigsResponse>(request).results;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].resource_name, "t");
  EXPECT_EQ(results[0].error_code, ErrorCode::none);
  EXPECT_EQ(results[1].resource_name, "u");
  EXPECT_EQ(results[1].error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Repeated, AGroupIsDescribedOnce) {
  wire::DescribeGroupsRequest request;
  request.groups = {"g", "h", "g"};
  const auto groups = node.ask<wire::DescribeGroupsResponse>(request).groups;
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].group_id, "g");
  EXPECT_EQ(groups[1].group_id, "h");
}

TEST_F(Repeated, APositionIsFetchedOnce) {
  find_coordinator();
  constexpr int16_t version = 9;
  using Group = wire::OffsetFetchRequest::OffsetFetchRequestGroup;
  Group all{.group_id = "g"}, some{.group_id = "g"};
  all.topics.reset();
  some.topics = {{.name = "t", .partition_indexes = {0, 1, 0}}, {.name = "t", .partition_indexes = {1}}};
  wire::OffsetFetchRequest request;
  request.groups = {all, some, all, {.group_id = "h"}};
  request.groups.back().topics.reset();
  wire::OffsetFetchResponse response;
  for (int i = 0; i < 100; ++i, node.world().run_for(100)) {
    response = node.ask<wire::OffsetFetchResponse>(request, version);
    if (response.groups.at(1).error_code == ErrorCode::none) break;  // its log has been read
  }
  ASSERT_EQ(response.groups.size(), 3u);
  EXPECT_EQ(response.groups[0].group_id, "g");
  EXPECT_EQ(response.groups[2].group_id, "h");
  const auto& topics = response.groups[1].topics;
  ASSERT_EQ(topics.size(), 2u);
  EXPECT_EQ(topics[0].partitions.size(), 2u);
  EXPECT_TRUE(topics[1].partitions.empty());
}

TEST_F(Repeated, APartitionsProducersAreDescribedOnce) {
  wire::DescribeProducersRequest request;
  request.topics = {{.name = "t", .partition_indexes = {0, 1, 0}}, {.name = "t", .partition_indexes = {1}}};
  const auto topics = node.ask<wire::DescribeProducersResponse>(request).topics;
  ASSERT_EQ(topics.size(), 2u);
  ASSERT_EQ(topics[0].partitions.size(), 2u);
  EXPECT_EQ(topics[0].partitions[1].error_code, ErrorCode::none);
  EXPECT_TRUE(topics[1].partitions.empty());
}

TEST_F(Repeated, ADirectoryTellsOfThePartitionsThatWereNamed) {
  wire::DescribeLogDirsRequest request;
  request.topics = {{{.topic = "t", .partitions = {1}},
                     {.topic = "u", .partitions = {0}},
                     {.topic = "t", .partitions = {1}}}};
  const auto told = [&] {
    std::vector<int32_t> indexes;
    for (const auto& directory : node.ask<wire::DescribeLogDirsResponse>(request).results)
      for (const auto& topic : directory.topics)
        for (const auto& partition : topic.partitions) indexes.push_back(partition.partition_index);
    return indexes;
  };
  EXPECT_EQ(told(), (std::vector<int32_t>{1}));
  request.topics.reset();
  EXPECT_EQ(told(), (std::vector<int32_t>{0, 1}));
}

// Each name was a request to the controller at once, and the memory that it takes to wait for it.
TEST_F(Repeated, OneMetadataMakesAHundredTopicsAtATime) {
  constexpr int names = 150;
  wire::MetadataRequest request;
  request.topics.emplace();
  for (int i = 0; i < names; ++i) request.topics->push_back({.name = "new-" + std::to_string(i)});
  request.allow_auto_topic_creation = true;
  const auto known = [&] {
    wire::MetadataRequest all;
    all.topics.reset();
    return node.ask<wire::MetadataResponse>(all).topics.size() - 1;  // but t
  };
  for (const auto& topic : node.ask<wire::MetadataResponse>(request).topics)
    EXPECT_EQ(topic.error_code, ErrorCode::unknown_topic_or_partition);
  node.world().run_for(10'000);
  EXPECT_EQ(known(), 100u);
  node.ask<wire::MetadataResponse>(request);
  node.world().run_for(10'000);
  EXPECT_EQ(known(), size_t{names});
}

}  // namespace
}  // namespace kt::node
