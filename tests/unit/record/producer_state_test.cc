#include "libbroker/record/producer_state.h"

#include <gtest/gtest.h>

#include <limits>

#include "libbroker/base/rng.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"

namespace kt::record {
namespace {

constexpr int32_t int32_max = std::numeric_limits<int32_t>::max();
constexpr int64_t pid = 4000;

struct Data {
  int64_t offset;
  int32_t sequence;
  int32_t records = 1;
  int16_t epoch = 0;
  int64_t producer_id = pid;
  bool is_transactional = false;
  int64_t timestamp = 1000;
};

std::vector<std::byte> data(const Data& data) {
  BatchBuilder builder({.base_offset = data.offset,
                        .producer_id = data.producer_id,
                        .producer_epoch = data.epoch,
                        .base_sequence = data.sequence,
                        .is_transactional = data.is_transactional});
  for (int32_t i = 0; i < data.records; ++i) builder.append({data.timestamp, {}, as_bytes("v")});
  return builder.build();
}

struct Marker {
  int64_t offset;
  ControlType type = ControlType::commit;
  int16_t epoch = 0;
  int32_t coordinator_epoch = 0;
  int64_t producer_id = pid;
};

std::vector<std::byte> marker(const Marker& marker) {
  const auto key = encode_control_key(marker.type);
  const auto value = encode_end_marker(marker.coordinator_epoch);
  BatchBuilder builder({.base_offset = marker.offset,
                        .producer_id = marker.producer_id,
                        .producer_epoch = marker.epoch,
                        .is_transactional = true,
                        .is_control = true});
  builder.append({2000, key, value});
  return builder.build();
}

class ProducerStateTest : public testing::Test {
 protected:
  ErrorCode check(const std::vector<std::byte>& bytes, Origin origin = Origin::client) {
    const auto checked = producers_.check(BatchView::parse(bytes).value(), origin);
    return checked ? ErrorCode::none : checked.error().code;
  }
  std::optional<DuplicateBatch> duplicate(const std::vector<std::byte>& bytes) {
    return producers_.check(BatchView::parse(bytes).value(), Origin::client).value();
  }
  std::optional<CompletedTransaction> append(const std::vector<std::byte>& bytes,
                                             Origin origin = Origin::client) {
    const BatchView batch = BatchView::parse(bytes).value();
    const auto checked = producers_.check(batch, origin);
    EXPECT_TRUE(checked.has_value()) << (checked ? "" : checked.error().message);
    EXPECT_EQ(checked.value_or(std::nullopt), std::nullopt) << "a duplicate";
    return producers_.append(batch);
  }
  std::optional<CompletedTransaction> end(const Marker& m) { return append(marker(m), Origin::coordinator); }

  ProducerState producers_;
};

TEST_F(ProducerStateTest, WithoutAProducerIdNothingIsKept) {
  append(data({.offset = 0, .sequence = -1, .producer_id = -1}));
  EXPECT_EQ(producers_.size(), 0u);
}

TEST_F(ProducerStateTest, SequencesGoOnByOne) {
  append(data({.offset = 0, .sequence = 0, .records = 3}));
  EXPECT_EQ(check(data({.offset = 3, .sequence = 3})), ErrorCode::none);
  EXPECT_EQ(check(data({.offset = 3, .sequence = 4})), ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(check(data({.offset = 3, .sequence = 2})), ErrorCode::out_of_order_sequence_number);
}

TEST_F(ProducerStateTest, SequencesWrapToZero) {
  append(data({.offset = 0, .sequence = int32_max - 1, .records = 2}));
  EXPECT_EQ(check(data({.offset = 2, .sequence = 1})), ErrorCode::out_of_order_sequence_number);
  append(data({.offset = 2, .sequence = 0, .records = 2}));
  append(data({.offset = 4, .sequence = 2}));
}

TEST_F(ProducerStateTest, ABatchAcrossTheWrapIsKnownAgain) {
  const auto bytes = data({.offset = 0, .sequence = int32_max - 1, .records = 4});
  append(bytes);
  EXPECT_EQ(duplicate(bytes), (DuplicateBatch{0, 3, 1000}));
  append(data({.offset = 4, .sequence = 2}));
}

TEST_F(ProducerStateTest, AnUnknownProducerMayBeginAnywhere) {
  append(data({.offset = 0, .sequence = 77, .epoch = 5}));
}

TEST_F(ProducerStateTest, TheLastFiveBatchesAreDuplicates) {
  for (int32_t i = 0; i < 6; ++i)
    append(data({.offset = 10 + 2 * i, .sequence = 2 * i, .records = 2, .timestamp = i}));
  for (int32_t i = 1; i < 6; ++i)
    EXPECT_EQ(duplicate(data({.offset = 99, .sequence = 2 * i, .records = 2})),
              (DuplicateBatch{10 + 2 * i, 11 + 2 * i, i}));
  EXPECT_EQ(check(data({.offset = 99, .sequence = 0, .records = 2})),
            ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(check(data({.offset = 99, .sequence = 10})), ErrorCode::out_of_order_sequence_number)
      << "half of one";
}

TEST_F(ProducerStateTest, ARetryOfABatchThatTheSnapshotForgotIsNoGap) {
  append(data({.offset = 0, .sequence = 0, .records = 2}));
  append(data({.offset = 2, .sequence = 2, .records = 3}));
  append(data({.offset = 5, .sequence = 5, .records = 2}));
  const auto snapshot = producers_.snapshot();
  producers_ = {};
  producers_.restore(snapshot, 0, 1'000);
  EXPECT_EQ(duplicate(data({.offset = 9, .sequence = 5, .records = 2})), (DuplicateBatch{5, 6, 1000}));
  EXPECT_EQ(check(data({.offset = 9, .sequence = 0, .records = 2})), ErrorCode::duplicate_sequence_number);
  EXPECT_EQ(check(data({.offset = 9, .sequence = 2, .records = 3})), ErrorCode::duplicate_sequence_number);
  EXPECT_EQ(check(data({.offset = 9, .sequence = 4, .records = 2})), ErrorCode::out_of_order_sequence_number)
      << "partly";
  EXPECT_EQ(check(data({.offset = 9, .sequence = 9, .records = 2})), ErrorCode::out_of_order_sequence_number)
      << "a gap";
}

// A follower that fetched a compacted log may not have seen all batches that its leader took.
TEST_F(ProducerStateTest, ABatchThatWasCompactedAwayIsADuplicateAtAnUnknownOffset) {
  append(data({.offset = 0, .sequence = 4, .records = 2}), Origin::replica);
  append(data({.offset = 5, .sequence = 9, .records = 2}), Origin::replica);
  EXPECT_EQ(check(data({.offset = 7, .sequence = 6, .records = 3})), ErrorCode::duplicate_sequence_number);
  EXPECT_EQ(check(data({.offset = 7, .sequence = 7})), ErrorCode::duplicate_sequence_number);
  EXPECT_EQ(check(data({.offset = 7, .sequence = 5, .records = 3})), ErrorCode::out_of_order_sequence_number)
      << "partly";
  EXPECT_EQ(check(data({.offset = 7, .sequence = 8, .records = 2})), ErrorCode::out_of_order_sequence_number)
      << "partly";
  EXPECT_EQ(check(data({.offset = 7, .sequence = 3})), ErrorCode::out_of_order_sequence_number);
}

// Of a producer that is not known any sequence may come first. What comes before it never was in the log:
// taken for a duplicate, it would be lost.
TEST_F(ProducerStateTest, ABatchBeforeTheFirstOneKnownIsNoDuplicate) {
  append(data({.offset = 0, .sequence = 4, .records = 2}));
  EXPECT_EQ(check(data({.offset = 2, .sequence = 0, .records = 4})), ErrorCode::out_of_order_sequence_number);
  const auto snapshot = producers_.snapshot();
  producers_ = {};
  producers_.restore(snapshot, 0, 1'000);
  append(data({.offset = 2, .sequence = 0, .records = 2, .epoch = 1}));
  EXPECT_EQ(check(data({.offset = 4, .sequence = 6, .records = 2, .epoch = 1})),
            ErrorCode::out_of_order_sequence_number);
}

TEST_F(ProducerStateTest, ARetryOfAnOpenTransactionIsADuplicateBeforeItIsAnError) {  // semantics Z3
  const auto bytes = data({.offset = 5, .sequence = 0, .is_transactional = true});
  append(bytes);
  append(data({.offset = 6, .sequence = 1, .is_transactional = true}));
  EXPECT_EQ(duplicate(bytes), (DuplicateBatch{5, 5, 1000}));
  EXPECT_EQ(duplicate(data({.offset = 0, .sequence = 0})), (DuplicateBatch{5, 5, 1000}));
}

TEST_F(ProducerStateTest, ALowerEpochIsFenced) {
  append(data({.offset = 0, .sequence = 0, .epoch = 2}));
  EXPECT_EQ(check(data({.offset = 1, .sequence = 1, .epoch = 1})), ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(check(data({.offset = 1, .sequence = -1, .epoch = 1}), Origin::coordinator),
            ErrorCode::invalid_producer_epoch);
}

TEST_F(ProducerStateTest, AHigherEpochBeginsAtZero) {
  append(data({.offset = 0, .sequence = 0, .records = 2, .epoch = 2}));
  EXPECT_EQ(check(data({.offset = 2, .sequence = 2, .epoch = 3})), ErrorCode::out_of_order_sequence_number);
  append(data({.offset = 2, .sequence = 0, .records = 2, .epoch = 3}));
  EXPECT_EQ(duplicate(data({.offset = 9, .sequence = 0, .records = 2, .epoch = 3})),
            (DuplicateBatch{2, 3, 1000}));
}

TEST_F(ProducerStateTest, AMarkersEpochBeginsAtZeroToo) {
  append(data({.offset = 0, .sequence = 0, .is_transactional = true}));
  end({.offset = 1, .epoch = 1});
  EXPECT_EQ(check(data({.offset = 2, .sequence = 1, .epoch = 0})), ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(check(data({.offset = 2, .sequence = 1, .epoch = 1})), ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(check(data({.offset = 2, .sequence = 0, .epoch = 1})), ErrorCode::none);
}

TEST_F(ProducerStateTest, OnlyClientsCountSequences) {
  append(data({.offset = 0, .sequence = 0}));
  append(data({.offset = 1, .sequence = -1}), Origin::coordinator);
  append(data({.offset = 2, .sequence = 500}), Origin::replica);
  append(data({.offset = 3, .sequence = 501}), Origin::client);
}

TEST_F(ProducerStateTest, AReplicaTakesWhatItGets) {
  append(data({.offset = 0, .sequence = 0, .epoch = 5}));
  append(data({.offset = 1, .sequence = 9, .epoch = 4}), Origin::replica);
  append(marker({.offset = 2, .epoch = 4, .coordinator_epoch = 7}), Origin::replica);
  append(marker({.offset = 3, .epoch = 3, .coordinator_epoch = 6}), Origin::replica);
  EXPECT_EQ(producers_.snapshot().front().epoch, 3);
}

TEST_F(ProducerStateTest, AMarkerOfAnOlderCoordinatorIsFenced) {
  end({.offset = 0, .coordinator_epoch = 8});
  EXPECT_EQ(check(marker({.offset = 1, .coordinator_epoch = 7}), Origin::coordinator),
            ErrorCode::transaction_coordinator_fenced);
  EXPECT_EQ(check(marker({.offset = 1, .epoch = -1, .coordinator_epoch = 9}), Origin::coordinator),
            ErrorCode::invalid_producer_epoch);
  end({.offset = 1, .coordinator_epoch = 8});
}

TEST_F(ProducerStateTest, AMalformedMarkerIsCorruptFromAnyOrigin) {
  for (const Origin origin : {Origin::coordinator, Origin::replica})
    EXPECT_EQ(check(marker({.offset = 0, .type = ControlType::leader_change}), origin),
              ErrorCode::corrupt_message);
}

TEST_F(ProducerStateTest, InsideATransactionAllIsTransactional) {
  append(data({.offset = 0, .sequence = 0, .is_transactional = true}));
  EXPECT_EQ(check(data({.offset = 1, .sequence = 1})), ErrorCode::invalid_txn_state);
  EXPECT_EQ(check(data({.offset = 1, .sequence = 1, .is_transactional = true})), ErrorCode::none);
  end({.offset = 1});
  EXPECT_EQ(check(data({.offset = 2, .sequence = 1})), ErrorCode::none);
}

TEST_F(ProducerStateTest, TheUnstableOffsetWaitsForMarkersAndTheirReplication) {
  append(data({.offset = 10, .sequence = 0, .is_transactional = true}));
  append(data({.offset = 20, .sequence = 0, .producer_id = 7, .is_transactional = true}));
  EXPECT_EQ(producers_.first_unstable_offset(), 10);
  EXPECT_TRUE(producers_.has_open_transaction(pid, 0));
  EXPECT_FALSE(producers_.has_open_transaction(pid, 1));

  EXPECT_EQ(end({.offset = 30, .type = ControlType::abort}),
            (CompletedTransaction{pid, 10, 30, /* last_stable_offset */ 20, /* is_aborted */ true}));
  EXPECT_FALSE(producers_.has_open_transaction(pid, 0));
  EXPECT_EQ(producers_.first_undecided_offset(), 20);
  EXPECT_EQ(producers_.first_unstable_offset(), 10) << "the marker is not replicated";
  producers_.advance_high_watermark(30);
  EXPECT_EQ(producers_.first_unstable_offset(), 10);
  producers_.advance_high_watermark(31);
  EXPECT_EQ(producers_.first_unstable_offset(), 20);

  EXPECT_EQ(end({.offset = 40, .producer_id = 7}), (CompletedTransaction{7, 20, 40, 41, false}));
  producers_.advance_high_watermark(41);
  EXPECT_EQ(producers_.first_unstable_offset(), std::nullopt);
}

TEST_F(ProducerStateTest, AMarkerWithoutDataEndsNothing) {
  EXPECT_EQ(end({.offset = 3}), std::nullopt);
  EXPECT_EQ(producers_.first_unstable_offset(), std::nullopt);
  EXPECT_EQ(producers_.snapshot(),
            (std::vector<ProducerSnapshot>{
                {.producer_id = pid, .epoch = 0, .timestamp = 2000, .coordinator_epoch = 0}}));
}

TEST_F(ProducerStateTest, ATransactionThatCleaningHasEmptiedEndsNothing) {
  BatchBuilder builder({.base_offset = 8,
                        .producer_id = pid,
                        .producer_epoch = 0,
                        .is_transactional = true,
                        .is_control = true,
                        .last_offset = 8});
  append(builder.build(), Origin::replica);
  EXPECT_EQ(producers_.size(), 0u);
}

TEST_F(ProducerStateTest, ExpiresWhoIsIdleButNotWhoIsOpen) {
  append(data({.offset = 0, .sequence = 0, .producer_id = 1, .timestamp = 1000}));
  append(data({.offset = 1, .sequence = 0, .producer_id = 2, .is_transactional = true, .timestamp = 1000}));
  append(data({.offset = 2, .sequence = 0, .producer_id = 3, .timestamp = 1001}));
  producers_.remove_expired(1999, 1000);
  EXPECT_EQ(producers_.size(), 3u);
  producers_.remove_expired(2000, 1000);
  EXPECT_EQ(producers_.size(), 2u);
  EXPECT_EQ(producers_.oldest_transaction_timestamp(), 1000);
  EXPECT_EQ(check(data({.offset = 3, .sequence = 55, .producer_id = 1})), ErrorCode::none);
}

TEST_F(ProducerStateTest, ASnapshotCarriesTheLastBatchAndTheOpenTransaction) {
  append(data({.offset = 0, .sequence = 0, .records = 2}));
  append(data({.offset = 2, .sequence = 2, .records = 3, .is_transactional = true, .timestamp = 1500}));
  append(data({.offset = 5, .sequence = 0, .producer_id = 1, .timestamp = 10}));
  const std::vector<ProducerSnapshot> taken = producers_.snapshot();
  EXPECT_EQ(taken, (std::vector<ProducerSnapshot>{
                       {.producer_id = 1, .epoch = 0, .last_sequence = 0, .last_offset = 5, .timestamp = 10},
                       {.producer_id = pid,
                        .epoch = 0,
                        .last_sequence = 4,
                        .last_offset = 4,
                        .offset_delta = 2,
                        .timestamp = 1500,
                        .open_transaction_first_offset = 2}}));
  producers_.restore(taken, 1510, 1500);
  EXPECT_EQ(producers_.size(), 1u) << "producer 1 has expired";
  EXPECT_EQ(producers_.first_unstable_offset(), 2);
  EXPECT_EQ(duplicate(data({.offset = 9, .sequence = 2, .records = 3})), (DuplicateBatch{2, 4, 1500}));
  EXPECT_EQ(check(data({.offset = 9, .sequence = 0, .records = 2})), ErrorCode::duplicate_sequence_number);
  EXPECT_EQ(end({.offset = 9}), (CompletedTransaction{pid, 2, 9, 10, false}));
}

// A follower that takes the leader's batches ends up with the leader's state; so does a snapshot taken
// anywhere, followed by a replay of the rest.
TEST_F(ProducerStateTest, ReplayGivesTheSameState) {
  SeededRng rng(12);
  std::vector<std::vector<std::byte>> log;
  int64_t offset = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto id = static_cast<int64_t>(rng.below(5));
    const auto epoch = static_cast<int16_t>(rng.below(2));
    std::vector<std::byte> bytes;
    const Origin origin = rng.below(4) == 0 ? Origin::coordinator : Origin::client;
    if (origin == Origin::coordinator)
      bytes = marker({.offset = offset,
                      .type = static_cast<ControlType>(rng.below(2)),
                      .epoch = epoch,
                      .coordinator_epoch = static_cast<int32_t>(rng.below(3)),
                      .producer_id = id});
    else
      bytes = data({.offset = offset,
                    .sequence = static_cast<int32_t>(rng.below(4)),
                    .records = static_cast<int32_t>(1 + rng.below(3)),
                    .epoch = epoch,
                    .producer_id = id,
                    .is_transactional = rng.below(2) == 0});
    const BatchView batch = BatchView::parse(bytes).value();
    const auto checked = producers_.check(batch, origin);
    if (!checked || *checked) continue;
    producers_.append(batch);
    offset = batch.next_offset();
    log.push_back(bytes);
  }
  ASSERT_GT(log.size(), 300u);
  const size_t cut = rng.below(log.size());
  ProducerState follower;
  for (size_t i = 0; i < log.size(); ++i) {
    if (i == cut) {
      const auto snapshot = follower.snapshot();
      follower.restore(snapshot, 0, 1'000'000);
    }
    follower.append(BatchView::parse(log[i]).value());
  }
  EXPECT_EQ(follower.snapshot(), producers_.snapshot());
  EXPECT_EQ(follower.first_undecided_offset(), producers_.first_undecided_offset());
}

}  // namespace
}  // namespace kt::record
