// What a node lists in ApiVersions it serves: every API at every version of ../reference/protocol.md's table.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "libbroker/base/bytes.h"
#include "libbroker/base/gather.h"
#include "tests/unit/node/exchanges.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

/// The table's column "kt", less what waits for its room: WriteTxnMarkers (27), AlterReplicaLogDirs (34),
/// AlterClientQuotas (49), AlterUserScramCredentials (51), AddRaftVoter and
/// RemoveRaftVoter (80, 81); and telemetry (71, 72), which Kafka lists with a receiver plugged in only.
struct Row {
  int16_t key, min, max;
};
constexpr Row broker_table[] = {
    {0, 0, 13}, {1, 4, 18}, {2, 1, 11}, {3, 0, 13}, {8, 2, 10}, {9, 1, 10}, {10, 0, 6}, {11, 0, 9},
    {12, 0, 4}, {13, 0, 5}, {14, 0, 5}, {15, 0, 6}, {16, 0, 5}, {17, 0, 1}, {18, 0, 4}, {19, 2, 7},
    {20, 1, 6}, {21, 0, 2}, {22, 0, 5}, {23, 2, 4}, {24, 0, 5}, {25, 0, 4}, {26, 0, 5}, {28, 0, 5},
    {29, 1, 3}, {30, 1, 3}, {31, 1, 3}, {32, 1, 4}, {33, 0, 2}, {35, 1, 4}, {36, 0, 2}, {37, 0, 3},
    {38, 1, 3}, {39, 1, 2}, {40, 1, 2}, {41, 1, 3}, {42, 0, 2}, {43, 0, 2}, {44, 0, 1}, {45, 0, 1},
    {46, 0, 0}, {47, 0, 0}, {48, 0, 1}, {50, 0, 0}, {55, 0, 2}, {57, 0, 2}, {60, 0, 2}, {61, 0, 0},
    {64, 0, 0}, {65, 0, 0}, {66, 0, 2}, {68, 0, 1}, {69, 0, 1}, {74, 0, 1}, {75, 0, 0},
};

std::map<int16_t, std::pair<int16_t, int16_t>> listed(OneNode& node, Port port, int16_t version) {
  wire::ApiVersionsRequest request;
  if (version >= 3) request.client_software_name = "test", request.client_software_version = "1";
  std::map<int16_t, std::pair<int16_t, int16_t>> apis;
  for (const auto& api : node.ask<wire::ApiVersionsResponse>(request, version, port).api_keys) {
    apis[api.api_key] = {api.min_version, api.max_version};
  }
  return apis;
}

TEST(ApiVersions, ListsTheTable) {
  OneNode node;
  ASSERT_TRUE(node.start());
  std::map<int16_t, std::pair<int16_t, int16_t>> table;
  for (const Row& row : broker_table) table[row.key] = {row.min, row.max};
  for (int16_t version = 0; version <= 4; ++version) EXPECT_EQ(listed(node, {}, version), table);
}

TEST(ApiVersions, AnUnknownVersionIsAnsweredAtVersion0) {
  OneNode node;
  ASSERT_TRUE(node.start());
  auto bytes = gather(node.encoded(wire::ApiVersionsRequest{}, 4));
  ASSERT_TRUE(bytes);
  std::vector<std::byte> patched(bytes->bytes.begin(), bytes->bytes.end());
  patched[3] = std::byte{99};  // the version
  const auto answer = node.ask_raw({Slice::own(patched)});
  ASSERT_TRUE(answer);
  const auto response = OneNode::decoded<wire::ApiVersionsResponse>(*answer, 0);
  EXPECT_EQ(response.error_code, ErrorCode::unsupported_version);
  EXPECT_EQ(response.api_keys.size(), std::size(broker_table));
}

/// Sends the emptiest request of every served version.
struct AskEveryVersion {
  OneNode& node;
  size_t asked = 0;

  template <class Request, class Response>
  void operator()() {
    const auto row = std::ranges::find(broker_table, Request::api_key, &Row::key);
    if (row == std::end(broker_table)) return;
    const int16_t first =
        std::max(row->min, wire::find_api(row->key)->min_version);  // Produce lists 0 and serves 3
    for (int16_t version = first; version <= row->max; ++version, ++asked) {
      SCOPED_TRACE(std::string(Request::type_name) + " v" + std::to_string(version));
      Request request;
      if constexpr (requires { request.acks; }) request.acks = 1;  // 0 has no answer
      try {
        const auto response = node.try_ask<Response>(request, version);
        EXPECT_TRUE(response) << response.error().message;
      } catch (const wire::DecodeError& error) {
        ADD_FAILURE() << error.what();
      }
    }
  }
};

TEST(EveryVersion, OfTheTableIsAnswered) {
  OneNode node;
  ASSERT_TRUE(node.start());
  AskEveryVersion ask{node};
  visit_exchanges(ask);
  size_t versions = 0;
  for (const Row& row : broker_table) versions += static_cast<size_t>(row.max - row.min + 1);
  EXPECT_EQ(ask.asked, versions - 3);  // but for Produce 0 to 2
}

/// What Kafka closes the connection on.
TEST(EveryVersion, OutsideTheTableEndsTheConnection) {
  OneNode node;
  ASSERT_TRUE(node.start());
  const auto send = [&](int16_t key, int16_t version) {
    std::vector<std::byte> header(14);
    store_be(header.data(), key);
    store_be(header.data() + 2, version);
    return node.ask_raw({Slice::own(std::move(header))});
  };
  for (int16_t key = 0; key < 100; ++key) {
    if (key == 18) continue;
    const auto row = std::ranges::find(broker_table, key, &Row::key);
    if (row == std::end(broker_table)) {
      EXPECT_FALSE(send(key, 0)) << key;
      continue;
    }
    EXPECT_FALSE(send(key, static_cast<int16_t>(row->max + 1))) << key;
    if (row->min > 0) {
      EXPECT_FALSE(send(key, static_cast<int16_t>(row->min - 1))) << key;
    }
  }
  EXPECT_FALSE(send(0, 2));  // Produce lists 0 for librdkafka's sake, and serves 3 (KAFKA-18659)
}

}  // namespace
}  // namespace kt::node
