#include "libbroker/record/compression.h"
#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

using record::Origin;

/// Records by time, and transactions.
class Lookup : public LogFixture {
 protected:
  std::pair<int64_t, int64_t> at(Log& log, int64_t timestamp) {
    const auto found = log.offset_for_timestamp(timestamp);
    EXPECT_TRUE(found) << found.error().message;
    return *found ? std::pair((*found)->timestamp, (*found)->offset) : std::pair(int64_t{-1}, int64_t{-1});
  }
  using Pair = std::pair<int64_t, int64_t>;
  Result<Appended> mark(Log& log, int64_t producer_id, bool is_commit) {
    return log.append(Slice::own(make_marker(0, producer_id, 0, is_commit)), {.origin = Origin::coordinator});
  }
  Result<Appended> write(Log& log, int64_t producer_id, int32_t sequence) {
    return append(
        log,
        {.producer_id = producer_id, .producer_epoch = 0, .sequence = sequence, .is_transactional = true});
  }
};

TEST_F(Lookup, TheFirstRecordAtOrAfterATime) {
  config_.segment_bytes = 400;
  config_.index_interval_bytes = 100;
  auto log = open();
  // Offsets 2i and 2i+1 at 1000+10i and one more.
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(*log, {.records = 2, .timestamp = 1000 + 10 * i}));
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) log = reopen_clean(std::move(log));
    EXPECT_EQ(at(*log, 0), Pair(1000, 0));
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(at(*log, 1000 + 10 * i), Pair(1000 + 10 * i, 2 * i));
      ASSERT_EQ(at(*log, 1001 + 10 * i), Pair(1001 + 10 * i, 2 * i + 1));
      ASSERT_EQ(at(*log, 1002 + 10 * i), i == 19 ? Pair(-1, -1) : Pair(1010 + 10 * i, 2 * i + 2));
    }
    const auto max = log->max_timestamp_offset();
    ASSERT_TRUE(max && *max);
    EXPECT_EQ((*max)->offset, 39);
    EXPECT_EQ((*max)->timestamp, 1191);
  }
  ASSERT_TRUE(log->increment_log_start(3, 40));
  EXPECT_EQ(at(*log, 0), Pair(1011, 3));
}

TEST_F(Lookup, TimesNeedNotAscend) {
  config_.segment_bytes = 200;
  config_.index_interval_bytes = 0;
  auto log = open();
  const std::vector<int64_t> times = {50, 90, 20, 70, 95, 10, 95, 30, 60};
  for (const int64_t time : times) ASSERT_TRUE(append(*log, {.timestamp = time}));
  for (int64_t target = 0; target <= 100; ++target) {
    Pair expected(-1, -1);
    for (size_t i = 0; i < times.size() && expected.first < 0; ++i)
      if (times[i] >= target) expected = {times[i], static_cast<int64_t>(i)};
    ASSERT_EQ(at(*log, target), expected) << target;
  }
  EXPECT_EQ((**log->max_timestamp_offset()).offset, 4) << "the first that has it";
}

TEST_F(Lookup, InsideCompressedBatches) {
  auto plain = make_batch({.base_offset = 0, .records = 5, .timestamp = 100});
  const auto batch = record::BatchView::parse(plain);
  std::vector<std::byte> bytes(plain.begin(), plain.begin() + record::batch_header_bytes);
  record::compress(record::Codec::lz4, std::nullopt, batch->body(), bytes);
  store_be(&bytes[8], static_cast<int32_t>(bytes.size() - record::batch_prefix_bytes));
  store_be(&bytes[21], static_cast<int16_t>(record::Codec::lz4));
  record::seal(bytes);
  auto log = open();
  ASSERT_TRUE(log->append(Slice::own(bytes), {}));
  EXPECT_EQ(at(*log, 103), Pair(103, 3));
  EXPECT_EQ((**log->max_timestamp_offset()).offset, 4);
}

TEST_F(Lookup, NothingInAnEmptyLog) {
  auto log = open();
  EXPECT_EQ(at(*log, 0), Pair(-1, -1));
  EXPECT_FALSE(log->max_timestamp_offset()->has_value());
  ASSERT_TRUE(append(*log, {.timestamp = -1}));
  EXPECT_FALSE(log->max_timestamp_offset()->has_value());
}

TEST_F(Lookup, AbortedTransactionsAreFoundByRange) {
  auto log = open();
  ASSERT_TRUE(write(*log, 1, 0));     // 0
  ASSERT_TRUE(write(*log, 2, 0));     // 1
  ASSERT_TRUE(mark(*log, 1, false));  // 2: aborts [0, 2]
  ASSERT_TRUE(log->roll(now_ms_));
  ASSERT_TRUE(write(*log, 3, 0));     // 3
  ASSERT_TRUE(mark(*log, 2, false));  // 4: aborts [1, 4]
  ASSERT_TRUE(mark(*log, 3, true));   // 5
  ASSERT_TRUE(mark(*log, 1, false));  // 6: nothing to abort
  const AbortedTransaction first{1, 0, 2, 1}, second{2, 1, 4, 3};
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) log = reopen_clean(std::move(log));
    EXPECT_EQ(*log->aborted_transactions(0, 7), (std::vector{first, second}));
    EXPECT_EQ(*log->aborted_transactions(0, 1), std::vector{first});
    EXPECT_EQ(*log->aborted_transactions(3, 7), std::vector{second});
    EXPECT_EQ(*log->aborted_transactions(5, 7), std::vector<AbortedTransaction>{});
  }
  EXPECT_EQ(contents("00000000000000000000.txnindex").size(), TxnIndex::entry_bytes);
}

TEST_F(Lookup, TheLastStableOffsetWaitsForTheMarkersReplication) {
  auto log = open();
  ASSERT_TRUE(append(*log, {}));   // 0
  ASSERT_TRUE(write(*log, 1, 0));  // 1
  ASSERT_TRUE(append(*log, {}));   // 2
  EXPECT_EQ(log->last_stable_offset(1), 1);
  EXPECT_EQ(log->last_stable_offset(3), 1);
  ASSERT_TRUE(mark(*log, 1, true));  // 3
  log->advance_high_watermark(3);
  EXPECT_EQ(log->last_stable_offset(3), 1);
  log->advance_high_watermark(4);
  EXPECT_EQ(log->last_stable_offset(4), 4);
}

TEST_F(Lookup, ProducersAreForgottenInTime) {
  auto log = open();
  ASSERT_TRUE(append(*log, {.timestamp = now_ms_, .producer_id = 4, .producer_epoch = 0, .sequence = 0}));
  log->remove_expired_producers(now_ms_ + config_.producer_id_expiration_ms - 1);
  EXPECT_EQ(log->producers().size(), 1u);
  log->remove_expired_producers(now_ms_ + config_.producer_id_expiration_ms);
  EXPECT_EQ(log->producers().size(), 0u);
}

}  // namespace
}  // namespace kt::log
