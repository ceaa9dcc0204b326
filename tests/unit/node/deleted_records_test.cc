// DeleteRecords, where a partition has several replicas.
#include "tests/unit/node/one_node.h"
#include "tests/unit/node/replication_fixture.h"

namespace kt::node {
namespace {

using DeletedRecords = Replication;

TEST_F(DeletedRecords, AreGoneEverywhereWhenTheAnswerComes) {
  start_three(1);
  create();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  EXPECT_EQ(delete_before(2, 3), std::pair(ErrorCode::none, int64_t{3}));
  kill(2);
  ask_until([&] { return leader(3) == 3; }, "nobody else leads");
  EXPECT_EQ(log_start(3), 3);
}

TEST_F(DeletedRecords, WaitForTheFollowersThatLive) {
  start_three(1, {{"broker.session.timeout.ms", "30000"}});
  create();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  machine(3).pause();
  EXPECT_EQ(delete_before(2, 3, 2'000), std::pair(ErrorCode::request_timed_out, int64_t{0}));
  const auto waits = begin<wire::DeleteRecordsResponse>(2, delete_request(4, 60'000));
  world_.run_for(2'000);
  ASSERT_FALSE(waits.has_come());
  machine(3).kill();  // and is fenced at once: its connections are refused
  run_until([&] { return waits.has_come(); }, "it waits for a dead broker");
  ASSERT_TRUE(waits.get());
  EXPECT_EQ(waits.get()->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(waits.get()->topics[0].partitions[0].low_watermark, 4);
}

// Each partition wakes the request with every fetch of a follower, and is asked again with the others.
TEST_F(DeletedRecords, OfManyPartitionsAreWaitedForOnceEach) {
  constexpr int32_t partitions = 6;
  start_three(1, {{"broker.session.timeout.ms", "30000"}});
  wire::CreateTopicsRequest create;
  create.topics.push_back({.name = "many", .num_partitions = -1, .replication_factor = -1});
  for (int32_t p = 0; p < partitions; ++p) create.topics[0].assignments.push_back({p, {2, 3, 1}});
  ASSERT_TRUE(ask<wire::CreateTopicsResponse>(2, create));
  wire::ProduceRequest produce{.acks = -1, .timeout_ms = 10'000};
  wire::DeleteRecordsRequest request{.timeout_ms = 60'000};
  produce.topic_data.push_back({.name = "many"});
  request.topics.push_back({.name = "many"});
  for (int32_t p = 0; p < partitions; ++p) {
    produce.topic_data[0].partition_data.push_back({.index = p, .records = {.pieces = {batch_of({"v"})}}});
    request.topics[0].partitions.push_back({p, 1});
  }
  const auto is_produced = [&] {
    const auto response = ask<wire::ProduceResponse>(2, produce, 12);
    return response && std::ranges::all_of(response->responses.at(0).partition_responses,
                                           [](const auto& p) { return p.error_code == ErrorCode::none; });
  };
  ask_until(is_produced, "nobody leads");
  machine(3).pause();
  const auto waits = begin<wire::DeleteRecordsResponse>(2, request);
  const uint64_t before = world_.scheduler().events();
  world_.run_for(3'000);
  EXPECT_FALSE(waits.has_come());
  EXPECT_LT(world_.scheduler().events() - before, 1'000u);
}

// The leader begins inside of a batch then, and sends all of it.
TEST_F(DeletedRecords, AReplicaBeginsAnewInsideOfABatch) {
  start_three(1);
  create();
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  kill(3);
  ask_until([&] { return isr(1).size() == 2; }, "it is not missed");
  const auto batch_of_five = [&] {
    record::BatchBuilder batch;
    for (int i = 0; i < 4; ++i) batch.append({.timestamp = sim::SimClock::epoch_ms, .value = {}});
    return produce_batch(2, std::move(batch), "e", -1, 10'000, "t");
  };
  ASSERT_EQ(batch_of_five(), ErrorCode::none);
  EXPECT_EQ(delete_before(2, 4), std::pair(ErrorCode::none, int64_t{4}));
  start(3);
  wait_until_serving(3);
  ask_until([&] { return isr(1).size() == 3; }, "it does not come back into the ISR");
  ASSERT_EQ(produce(2, "f"), ErrorCode::none);
  EXPECT_TRUE(log_bytes(2).ends_with(log_bytes(3, "00000000000000000001")))
      << "it has all that follows the first batch";
  kill(2);
  ask_until([&] { return leader(3) == 3; }, "nobody else leads");
  EXPECT_EQ(log_start(3), 4);
}

}  // namespace
}  // namespace kt::node
