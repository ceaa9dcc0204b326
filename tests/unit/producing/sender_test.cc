#include "libbroker/producing/sender.h"

#include <gtest/gtest.h>

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch.h"

namespace kt::producing {
namespace {

const TopicPartition t0{"t", 0};
const auto leads_all = [](const TopicPartition&) { return true; };

class SenderTest : public testing::Test {
 protected:
  Sender::Placed add(std::string_view value, int64_t now_ms = 0) {
    return *sender.add(t0, {.timestamp = 1, .value = as_bytes(value)}, now_ms);
  }
  /// Everything that may leave now, as (base sequence, records).
  std::vector<Outgoing> poll(int64_t now_ms) { return sender.poll(leads_all, now_ms); }
  static int32_t sequence_of(const Outgoing& batch) {
    return record::BatchView::parse(*batch.bytes)->base_sequence();
  }
  static int16_t epoch_of(const Outgoing& batch) {
    return record::BatchView::parse(*batch.bytes)->producer_epoch();
  }

  /// The broker has acknowledged a first batch, of one record.
  void be_known() {
    sender.set_producer_id(7, 0);
    add("first"), sender.flush();
    sender.answered(poll(0).at(0).batch, {}, 0, -1, 0);
  }

  Sender sender{{.batch_size_bytes = 200, .linger_ms = 5}};
};

// A broker that knows nothing of a producer takes any sequence: what is refused must not be overtaken.
TEST_F(SenderTest, TheFirstBatchGoesAlone) {
  sender.set_producer_id(7, 0);
  add("a"), sender.flush();
  const auto a = poll(0);
  ASSERT_EQ(a.size(), 1u);
  add("b"), sender.flush();
  EXPECT_TRUE(poll(0).empty());
  sender.answered(a[0].batch, {ErrorCode::not_leader_or_follower}, -1, -1, 10);
  EXPECT_EQ(poll(110).at(0).batch, a[0].batch);
  EXPECT_TRUE(poll(110).empty());
  sender.answered(a[0].batch, {}, 0, -1, 120);
  EXPECT_EQ(sequence_of(poll(120).at(0)), 1);
}

TEST_F(SenderTest, WaitsForAProducerIdThenForLinger) {
  add("a");
  EXPECT_TRUE(sender.needs_producer_id());
  EXPECT_TRUE(poll(100).empty());
  sender.set_producer_id(7, 0);
  EXPECT_TRUE(poll(4).empty());
  EXPECT_EQ(sender.deadline_ms(0), 5);
  const auto out = poll(5);
  ASSERT_EQ(out.size(), 1u);
  const auto batch = record::BatchView::parse(*out[0].bytes);
  EXPECT_TRUE(batch->verify_crc());
  EXPECT_EQ(batch->producer_id(), 7);
  EXPECT_EQ(batch->base_sequence(), 0);
}

TEST_F(SenderTest, AFullBatchLeavesAtOnceAndTheNextIsNumberedAfterIt) {
  be_known();
  for (int i = 0; i < 6; ++i) add(std::string(60, 'x'));
  auto first = poll(0);
  ASSERT_EQ(first.size(), 1u);
  auto second = poll(0);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(sequence_of(second[0]), 1 + record::BatchView::parse(*first[0].bytes)->record_count());
}

TEST_F(SenderTest, RetriesKeepTheirNumberAndOrder) {
  be_known();
  add("a"), sender.flush();
  const auto a = poll(0);
  add("b"), sender.flush();
  const auto b = poll(0);
  // The first got lost; the second then does not fit, and both go again in order.
  sender.answered(a[0].batch, {ErrorCode::not_leader_or_follower}, -1, -1, 10);
  sender.answered(b[0].batch, {ErrorCode::out_of_order_sequence_number}, -1, -1, 10);
  EXPECT_TRUE(sender.take_stale_metadata());
  EXPECT_TRUE(poll(50).empty());
  const auto again = poll(110);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].batch, a[0].batch);
  EXPECT_EQ(sequence_of(again[0]), 1);
  EXPECT_EQ(sequence_of(poll(110).at(0)), 2);
  EXPECT_EQ(epoch_of(again[0]), 0);
}

// A broker remembers five batches: it must still know the first one when that comes again.
TEST_F(SenderTest, NoneIsSixthAfterOneThatIsNotAcknowledged) {
  be_known();
  std::vector<Outgoing> sent;
  for (int i = 0; i < 6; ++i) {
    add("x"), sender.flush();
    for (auto& batch : poll(0)) sent.push_back(std::move(batch));
  }
  ASSERT_EQ(sent.size(), 5u);
  sender.answered(sent[0].batch, {ErrorCode::request_timed_out}, -1, -1, 10);
  for (int i = 1; i < 5; ++i) sender.answered(sent[i].batch, {}, i, -1, 10);
  const auto again = poll(110);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].batch, sent[0].batch);
  EXPECT_TRUE(poll(110).empty());
  sender.answered(again[0].batch, {}, 0, -1, 120);
  const auto sixth = poll(120);
  ASSERT_EQ(sixth.size(), 1u);
  EXPECT_EQ(sequence_of(sixth[0]), 6);
}

TEST_F(SenderTest, ATooLargeBatchGoesAgainInHalvesThatKeepItsNumbers) {
  Sender zipped({.linger_ms = 0, .codec = record::Codec::gzip});
  zipped.set_producer_id(7, 0);
  const record::Header header{"h", as_bytes("v")};
  BatchId origin = 0;
  for (const char* value : {"a", "b", "c"}) {
    origin = zipped.add(t0, {.timestamp = 5, .value = as_bytes(value), .headers = {&header, 1}}, 0)->batch;
  }
  const auto whole = zipped.poll(leads_all, 0);
  zipped.add(t0, {.value = as_bytes("d")}, 0);
  zipped.answered(whole.at(0).batch, {ErrorCode::message_too_large}, -1, -1, 1);
  std::vector<int32_t> sequences;
  for (int i = 0; i < 3; ++i) {
    const auto out = zipped.poll(leads_all, 1);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_TRUE(record::BatchView::parse(*out[0].bytes)->verify_crc());
    sequences.push_back(sequence_of(out[0]));
    zipped.answered(out[0].batch, {}, 100 + i, -1, 2);
  }
  EXPECT_EQ(sequences, (std::vector{0, 1, 3}));
  const auto deliveries = zipped.take_deliveries();
  ASSERT_EQ(deliveries.size(), 3u);
  EXPECT_EQ(deliveries[0].batch, origin);
  EXPECT_EQ(deliveries[0].record_count, 1);
  EXPECT_EQ(deliveries[1].batch, origin);
  EXPECT_EQ(deliveries[1].first_index, 1);
  EXPECT_EQ(deliveries[1].record_count, 2);
  EXPECT_TRUE(zipped.is_drained());
  EXPECT_TRUE(zipped.has_room((32 << 20)));  // every byte was given back
}

TEST_F(SenderTest, ATooLargeRecordFails) {
  sender.set_producer_id(7, 0);
  add("a"), sender.flush();
  sender.answered(poll(0)[0].batch, {ErrorCode::message_too_large}, -1, -1, 1);
  EXPECT_EQ(sender.take_deliveries().at(0).error.code, ErrorCode::message_too_large);
}

TEST_F(SenderTest, EveryPartitionGetsItsTurnInSmallRequests) {
  Sender small({.batch_size_bytes = 100, .linger_ms = 0, .request_bytes_max = 300, .is_idempotent = false});
  const std::string value(100, 'x');
  for (int round = 0; round < 2; ++round) {
    for (int32_t p = 0; p < 3; ++p) ASSERT_TRUE(small.add({"t", p}, {.value = as_bytes(value)}, 0));
  }
  std::vector<int32_t> order;
  for (auto out = small.poll(leads_all, 0); !out.empty(); out = small.poll(leads_all, 0)) {
    for (const Outgoing& batch : out) order.push_back(batch.to.partition);
  }
  EXPECT_EQ(order, (std::vector{0, 1, 2, 0, 1, 2}));
}

// It waits for the next request, whatever is added meanwhile.
TEST_F(SenderTest, ABatchThatHasBeenSealedTakesNoMoreRecords) {
  Sender small({.linger_ms = 0, .request_bytes_max = 250, .is_idempotent = false});
  const std::string value(100, 'x');
  for (int32_t p = 0; p < 2; ++p) ASSERT_TRUE(small.add({"t", p}, {.value = as_bytes(value)}, 0));
  auto out = small.poll(leads_all, 0);
  ASSERT_EQ(out.size(), 1u);
  ASSERT_TRUE(small.add({"t", 1}, {.value = as_bytes(value)}, 0));
  int32_t sent = 0, delivered = 0;
  for (; !out.empty(); out = small.poll(leads_all, 0)) {
    for (const Outgoing& batch : out) {
      sent += record::BatchView::parse(*batch.bytes)->record_count();
      small.answered(batch.batch, {}, 0, -1, 0);
    }
  }
  for (const Delivery& delivery : small.take_deliveries()) delivered += delivery.record_count;
  EXPECT_EQ(sent, 3);
  EXPECT_EQ(delivered, 3);
}

TEST_F(SenderTest, AbortGivesUpEverything) {
  add("a");
  sender.abort({ErrorCode::cluster_authorization_failed});
  EXPECT_EQ(sender.take_deliveries().at(0).error.code, ErrorCode::cluster_authorization_failed);
  EXPECT_TRUE(sender.is_drained());
}

TEST_F(SenderTest, ALostNumberStartsANewEpoch) {
  sender.set_producer_id(7, 0);
  add("a"), sender.flush();
  const auto a = poll(0);
  add("b"), sender.flush();
  sender.answered(a[0].batch, {ErrorCode::message_too_large}, -1, -1, 10);
  const auto b = poll(10);
  ASSERT_EQ(b.size(), 1u);
  EXPECT_EQ(epoch_of(b[0]), 1);
  EXPECT_EQ(sequence_of(b[0]), 0);
  const auto deliveries = sender.take_deliveries();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].error.code, ErrorCode::message_too_large);
}

TEST_F(SenderTest, ANewEpochIsOnePartitionsOwn) {
  const TopicPartition t1{"t", 1};
  be_known();
  add("a"), sender.flush();
  const auto a = poll(0);
  ASSERT_TRUE(sender.add(t1, {.value = as_bytes("b")}, 0));
  sender.flush();
  const auto b = poll(0);
  sender.answered(b.at(0).batch, {ErrorCode::not_enough_replicas_after_append}, -1, -1, 10);
  sender.answered(a.at(0).batch, {ErrorCode::message_too_large}, -1, -1, 10);
  add("c", 10), sender.flush();
  const auto out = poll(110);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(epoch_of(out[0]), 1);
  EXPECT_EQ(sequence_of(out[0]), 0);
  EXPECT_EQ(out[1].batch, b[0].batch);
  EXPECT_EQ(epoch_of(out[1]), 0) << "the broker has it, and could not tell that it comes again";
}

TEST_F(SenderTest, WhatMayBeAppendedKeepsItsNumberWhenAnEarlierOneIsGivenUp) {
  be_known();
  add("a"), sender.flush();
  const auto a = poll(0);
  add("b", 1'000), sender.flush();
  const auto b = poll(1'000);
  sender.answered(a[0].batch, {ErrorCode::not_enough_replicas_after_append}, -1, -1, 119'000);
  sender.answered(b[0].batch, {ErrorCode::not_enough_replicas_after_append}, -1, -1, 119'000);
  sender.tick(120'500);
  ASSERT_EQ(sender.take_deliveries().at(1).error.code, ErrorCode::request_timed_out);
  const auto again = poll(120'500);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(epoch_of(again[0]), 0);
  EXPECT_EQ(sequence_of(again[0]), 2);
  // It turns out that the broker has neither.
  sender.answered(again[0].batch, {ErrorCode::out_of_order_sequence_number}, -1, -1, 120'510);
  const auto anew = poll(120'610);
  ASSERT_EQ(anew.size(), 1u);
  EXPECT_EQ(anew[0].batch, b[0].batch);
  EXPECT_EQ(epoch_of(anew[0]), 1);
  EXPECT_EQ(sequence_of(anew[0]), 0);
}

TEST_F(SenderTest, AfterTheLastEpochAPartitionWaitsForAnId) {
  sender.set_producer_id(7, INT16_MAX);
  add("a"), sender.flush();
  sender.answered(poll(0).at(0).batch, {ErrorCode::message_too_large}, -1, -1, 10);
  add("b"), sender.flush();
  EXPECT_TRUE(poll(10).empty());
  EXPECT_TRUE(sender.needs_producer_id());
  sender.set_producer_id(8, 0);
  const auto b = poll(10);
  ASSERT_EQ(b.size(), 1u);
  EXPECT_EQ(record::BatchView::parse(*b[0].bytes)->producer_id(), 8);
  EXPECT_EQ(sequence_of(b[0]), 0);
}

TEST_F(SenderTest, GivesUpAfterDeliveryTimeout) {
  sender.set_producer_id(7, 0);
  add("a");
  sender.tick(119'999);
  EXPECT_TRUE(sender.take_deliveries().empty());
  sender.tick(120'000);
  const auto deliveries = sender.take_deliveries();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].error.message,
            "Expiring 1 record(s) for t-0:120000 ms has passed since batch creation");
  EXPECT_TRUE(sender.is_drained());
}

TEST_F(SenderTest, ADuplicateOfLongAgoIsDelivered) {
  sender.set_producer_id(7, 0);
  const auto placed = add("a");
  sender.flush();
  sender.answered(poll(0)[0].batch, {ErrorCode::duplicate_sequence_number}, -1, -1, 10);
  const auto deliveries = sender.take_deliveries();
  EXPECT_EQ(deliveries.at(0).batch, placed.batch);
  EXPECT_EQ(deliveries.at(0).error.code, ErrorCode::none);
}

TEST_F(SenderTest, BufferIsBoundedAndFreedByDelivery) {
  Sender small({.linger_ms = 0, .buffer_bytes_max = 300, .is_idempotent = false});
  const std::string value(200, 'x');
  ASSERT_TRUE(small.add(t0, {.value = as_bytes(value)}, 0));
  EXPECT_FALSE(small.add(t0, {.value = as_bytes(value)}, 0));
  small.answered(small.poll(leads_all, 0).at(0).batch, {}, 0, -1, 1);
  EXPECT_TRUE(small.add(t0, {.value = as_bytes(value)}, 1));
}

TEST_F(SenderTest, RefusesARecordLargerThanARequest) {
  const std::string value(2 << 20, 'x');
  const auto placed = sender.add(t0, {.value = as_bytes(value)}, 0);
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, ErrorCode::message_too_large);
}

}  // namespace
}  // namespace kt::producing
