// Requests whose fields contradict each other: Kafka answers each thing asked for with INVALID_REQUEST.
#include <gtest/gtest.h>

#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/75_describe_topic_partitions.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

TEST(Refused, MetadataByIdBeforeIdsMeantAnything) {
  OneNode node;
  ASSERT_TRUE(node.start());
  wire::MetadataRequest request;
  request.topics = {{.topic_id = Uuid{1, 2}, .name = "by-id"}, {.name = "by-name"}};
  for (const int16_t version : {10, 11}) {
    const auto topics = node.ask<wire::MetadataResponse>(request, version).topics;
    ASSERT_EQ(topics.size(), 2u);
    EXPECT_EQ(topics[0].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(topics[0].topic_id, (Uuid{1, 2}));
    EXPECT_EQ(topics[1].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(topics[1].name, "by-name");
  }
  request.topics = {{.name = std::nullopt}};
  EXPECT_EQ(node.ask<wire::MetadataResponse>(request, 10).topics.at(0).name, "");
}

TEST(Refused, ACursorThatNobodyGave) {
  OneNode node;
  ASSERT_TRUE(node.start());
  using Cursor = wire::DescribeTopicPartitionsRequest::Cursor;
  wire::DescribeTopicPartitionsRequest request;
  request.topics = {{.name = "a"}, {.name = "b"}};
  const auto code = [&] {
    const auto response = node.ask<wire::DescribeTopicPartitionsResponse>(request, 0);
    return response.topics.empty() ? ErrorCode::none : response.topics.back().error_code;
  };
  request.cursor = Cursor{.topic_name = "other", .partition_index = 0};
  EXPECT_EQ(code(), ErrorCode::invalid_request);
  request.cursor = Cursor{.topic_name = "b", .partition_index = -1};
  EXPECT_EQ(code(), ErrorCode::invalid_request);
  request.cursor = Cursor{.topic_name = "b", .partition_index = 0};
  EXPECT_EQ(code(), ErrorCode::unknown_topic_or_partition);
}

}  // namespace
}  // namespace kt::node
