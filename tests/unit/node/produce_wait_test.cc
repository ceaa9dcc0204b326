#include <gtest/gtest.h>

#include "libbroker/wire/00_produce.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

/// Each partition's flush is over at another time, and wakes a request that has to wait for the others.
TEST(ProduceWait, ARequestIsWokenOnceByEachOfItsPartitions) {
  constexpr int32_t partitions = 32;
  OneNode node{{.properties = {{"log.flush.interval.messages", "1"}}}};
  ASSERT_TRUE(node.start());
  node.create_topic("t", partitions);
  wire::ProduceRequest request{.acks = -1, .timeout_ms = 20'000};
  auto& asked = request.topic_data.emplace_back();
  asked.name = "t";
  for (int32_t partition = 0; partition < partitions; ++partition)
    asked.partition_data.push_back({.index = partition, .records = {.pieces = {batch_of({"x"})}}});
  const uint64_t before = node.world().scheduler().events();
  const auto response = node.ask<wire::ProduceResponse>(request, 12);
  EXPECT_LT(node.world().scheduler().events() - before, 200u);
  ASSERT_EQ(response.responses.at(0).partition_responses.size(), 32u);
  for (const auto& answered : response.responses[0].partition_responses)
    EXPECT_EQ(answered.error_code, ErrorCode::none) << answered.index;
}

TEST(ProduceRefused, HasNoOffset) {
  OneNode node{{}};
  ASSERT_TRUE(node.start());
  wire::ProduceRequest request{.acks = -1, .timeout_ms = 1'000};
  request.topic_data.push_back(
      {.name = "none", .partition_data = {{.index = 0, .records = {.pieces = {batch_of({"x"})}}}}});
  const auto response = node.ask<wire::ProduceResponse>(request, 12);
  const auto& refused = response.responses.at(0).partition_responses.at(0);
  EXPECT_EQ(refused.error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(refused.base_offset, -1);
}

/// What a log keeps in memory of a partition's batches is not the whole of the requests they came in.
TEST(ProduceMemory, ASmallPartOfALargeRequestDoesNotHoldIt) {
  constexpr size_t large_bytes = 400'000, small_bytes = 6'000, requests = 60;
  OneNode node{
      {.properties = {{"queued.max.request.bytes", "8388608"}, {"socket.request.max.bytes", "1048576"}}}};
  ASSERT_TRUE(node.start());
  node.create_topic("t", 2);
  for (size_t i = 0; i < requests; ++i) {
    wire::ProduceRequest request{.acks = -1, .timeout_ms = 20'000};
    auto& asked = request.topic_data.emplace_back();
    asked.name = "t";
    asked.partition_data.push_back(
        {.index = 0, .records = {.pieces = {batch_of({std::string(large_bytes, 'x')})}}});
    asked.partition_data.push_back(
        {.index = 1, .records = {.pieces = {batch_of({std::string(small_bytes, 'x')})}}});
    const auto response = node.ask<wire::ProduceResponse>(request, 12);
    ASSERT_EQ(response.responses.at(0).partition_responses.at(1).error_code, ErrorCode::none) << i;
  }
}

}  // namespace
}  // namespace kt::node
