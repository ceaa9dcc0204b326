// Who is over its share is told so and not read from, and nobody else waits (KIP-219; semantics Q3, F11).
#include <gtest/gtest.h>

#include <map>

#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/18_api_versions.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

using api::QuotaKind;

/// Throttles every request of one kind for as long as it is told to, and keeps the account.
class StrictQuotas final : public api::Quotas {
 public:
  int32_t charge(std::string_view principal, std::string_view client_id, QuotaKind kind,
                 int64_t amount) override {
    EXPECT_EQ(principal, "User:ANONYMOUS");
    EXPECT_EQ(client_id, "test");
    charged[kind] += amount;
    return throttle_ms[kind];
  }
  void give_back(std::string_view, std::string_view, QuotaKind kind, int64_t amount) override {
    charged[kind] -= amount;
  }
  std::map<QuotaKind, int64_t> charged;
  std::map<QuotaKind, int32_t> throttle_ms;
};

class Throttling : public testing::Test {
 protected:
  Throttling() {
    EXPECT_TRUE(node.start());
    node.create_topic("t");
  }

  wire::ProduceRequest produce(int16_t acks) {
    wire::ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = 1'000;
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    topic.partition_data.push_back({.index = 0, .records = {.pieces = {batch_of({"one", "two"})}}});
    return request;
  }
  wire::FetchRequest fetch(int32_t session_id = 0, int32_t session_epoch = -1) {
    wire::FetchRequest request;
    request.max_wait_ms = 500;
    request.min_bytes = 1;
    request.max_bytes = 1 << 20;
    request.session_id = session_id;
    request.session_epoch = session_epoch;
    if (session_id == 0) {
      auto& topic = request.topics.emplace_back();
      topic.topic = "t";
      topic.partitions.push_back({.partition = 0, .fetch_offset = 0, .partition_max_bytes = 1 << 20});
    }
    return request;
  }
  /// For how long the next request of a connection has to wait.
  int64_t wait_ms(Port port) {
    const int64_t begin_ms = node.world().now_ms();
    node.ask<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0, port);
    return node.world().now_ms() - begin_ms;
  }

  std::shared_ptr<StrictQuotas> quotas = std::make_shared<StrictQuotas>();
  OneNode node{{.quotas = quotas}};
};

constexpr int16_t by_name = 12;  // the last version of Produce and Fetch that names topics

TEST_F(Throttling, ProduceIsAnsweredAndThenNotRead) {
  quotas->throttle_ms[QuotaKind::produce_bytes] = 3'000;
  for (const int16_t acks : {int16_t{1}, int16_t{-1}}) {
    const auto response = node.ask<wire::ProduceResponse>(produce(acks), by_name, {.connection = acks});
    EXPECT_EQ(response.throttle_time_ms, 3'000);
    EXPECT_EQ(response.responses[0].partition_responses[0].error_code, ErrorCode::none);
    EXPECT_GE(wait_ms({.connection = acks}), 2'900);
    EXPECT_LT(wait_ms({.connection = acks}), 100);
    EXPECT_LT(wait_ms({.connection = 7}), 100);  // others are served
  }
  EXPECT_GT(quotas->charged[QuotaKind::produce_bytes], 0);
}

TEST_F(Throttling, ProduceWithoutAnswerIsNotReadEither) {
  wait_ms({});  // opens the connection
  quotas->throttle_ms[QuotaKind::produce_bytes] = 3'000;
  node.send_without_answer(node.encoded(produce(0), by_name));
  EXPECT_GE(wait_ms({}), 2'900);
}

TEST_F(Throttling, FetchIsAnsweredEmptyAndThenNotRead) {
  node.ask<wire::ProduceResponse>(produce(1), by_name);
  const auto whole = node.ask<wire::FetchResponse>(fetch(), by_name);
  EXPECT_EQ(whole.throttle_time_ms, 0);
  const auto fetched_bytes = static_cast<int64_t>(whole.responses[0].partitions[0].records.size());
  EXPECT_EQ(quotas->charged[QuotaKind::fetch_bytes], fetched_bytes);

  quotas->throttle_ms[QuotaKind::fetch_bytes] = 3'000;
  const auto throttled = node.ask<wire::FetchResponse>(fetch(), by_name);
  EXPECT_EQ(throttled.throttle_time_ms, 3'000);
  EXPECT_EQ(throttled.error_code, ErrorCode::none);
  EXPECT_TRUE(throttled.responses.empty());
  EXPECT_GE(wait_ms({}), 2'900);
  EXPECT_EQ(quotas->charged[QuotaKind::fetch_bytes], fetched_bytes);  // given back
}

TEST_F(Throttling, AThrottledFetchLeavesItsSessionAsItWas) {
  node.ask<wire::ProduceResponse>(produce(1), by_name);
  const auto opened = node.ask<wire::FetchResponse>(fetch(0, 0), by_name);
  ASSERT_NE(opened.session_id, 0);
  node.ask<wire::ProduceResponse>(produce(1), by_name);

  quotas->throttle_ms[QuotaKind::fetch_bytes] = 1'000;
  const auto throttled = node.ask<wire::FetchResponse>(fetch(opened.session_id, 1), by_name);
  EXPECT_EQ(throttled.session_id, opened.session_id);
  EXPECT_TRUE(throttled.responses.empty());

  quotas->throttle_ms[QuotaKind::fetch_bytes] = 0;
  const auto next = node.ask<wire::FetchResponse>(fetch(opened.session_id, 2), by_name);
  EXPECT_EQ(next.error_code, ErrorCode::none);
  ASSERT_EQ(next.responses.size(), 1u);  // what is new was not told yet
  EXPECT_GT(next.responses[0].partitions[0].records.size(), 0u);
}

TEST_F(Throttling, AFirstFetchThatIsThrottledOpensNoSession) {
  quotas->throttle_ms[QuotaKind::fetch_bytes] = 1'000;
  EXPECT_EQ(node.ask<wire::FetchResponse>(fetch(0, 0), by_name).session_id, 0);
}

}  // namespace
}  // namespace kt::node
