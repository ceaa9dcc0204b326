#include "libbroker/record/batch.h"

#include <gtest/gtest.h>

#include <limits>

#include "libbroker/record/crc32c.h"
#include "tests/unit/record/goldens.h"

namespace kt::record {
namespace {

using Kind = BatchFault::Kind;
using Bytes = std::vector<std::byte>;

constexpr int32_t int32_max = std::numeric_limits<int32_t>::max();
constexpr int64_t int64_max = std::numeric_limits<int64_t>::max();

BatchView parsed(const Bytes& bytes) { return BatchView::parse(bytes).value(); }

// The golden batch with one field of its header overwritten.
template <class I>
Bytes with(size_t at, I value) {
  Bytes bytes = from_hex(golden_plain);
  store_be(bytes.data() + at, value);
  return bytes;
}
template <class I>
Kind fault_with(size_t at, I value) {
  const auto view = BatchView::parse(with(at, value));
  EXPECT_FALSE(view.has_value());
  return view.error().kind;
}

TEST(BatchView, ReadsEveryHeaderField) {
  const Bytes bytes = from_hex(golden_plain);
  const BatchView batch = parsed(bytes);
  EXPECT_EQ(batch.base_offset(), 100);
  EXPECT_EQ(batch.last_offset(), 101);
  EXPECT_EQ(batch.next_offset(), 102);
  EXPECT_EQ(batch.size_bytes(), bytes.size());
  EXPECT_EQ(batch.partition_leader_epoch(), 5);
  EXPECT_EQ(batch.crc(), 0x4ab91ec5u);
  EXPECT_EQ(batch.attributes(), 0x10);
  EXPECT_EQ(batch.codec(), Codec::none);
  EXPECT_EQ(batch.timestamp_type(), TimestampType::create_time);
  EXPECT_TRUE(batch.is_transactional());
  EXPECT_FALSE(batch.is_control());
  EXPECT_EQ(batch.delete_horizon_ms(), std::nullopt);
  EXPECT_EQ(batch.base_timestamp(), golden_timestamp);
  EXPECT_EQ(batch.max_timestamp(), golden_timestamp + 5);
  EXPECT_EQ(batch.producer_id(), 9);
  EXPECT_EQ(batch.producer_epoch(), 3);
  EXPECT_EQ(batch.base_sequence(), 7);
  EXPECT_EQ(batch.last_sequence(), 8);
  EXPECT_EQ(batch.record_count(), 2);
  EXPECT_EQ(batch.body().size(), 26u);
  EXPECT_TRUE(batch.verify_crc());
}

TEST(BatchView, WalksItsRecords) {
  const Bytes bytes = from_hex(golden_plain);
  const BatchView batch = parsed(bytes);
  RecordReader reader = batch.records();
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(batch.offset_of(record), 100);
  EXPECT_EQ(batch.timestamp_of(record), golden_timestamp);
  EXPECT_EQ(as_text(record.key), "k");
  EXPECT_EQ(as_text(record.value), "v");
  ASSERT_EQ(record.headers.size(), 1);
  EXPECT_EQ(record.headers.begin()->key, "h");
  EXPECT_EQ(as_text(record.headers.begin()->value), "x");

  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(batch.offset_of(record), 101);
  EXPECT_EQ(batch.timestamp_of(record), golden_timestamp + 5);
  EXPECT_EQ(record.key.data(), nullptr);
  EXPECT_NE(record.value.data(), nullptr);
  EXPECT_TRUE(record.value.empty());
  std::vector<Header> headers;
  for (const Header& header : record.headers) headers.push_back(header);
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].key, "h");
  EXPECT_EQ(headers[0].value.data(), nullptr);
  EXPECT_EQ(headers[1].key, "n");
  EXPECT_NE(headers[1].value.data(), nullptr);

  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(reader.fault(), nullptr);
}

TEST(BatchView, LooksOnlyAtTheFirstOfSeveral) {
  Bytes bytes = from_hex(golden_plain);
  const size_t size = bytes.size();
  bytes.resize(size + 7);
  EXPECT_EQ(parsed(bytes).size_bytes(), size);
  EXPECT_TRUE(parsed(bytes).verify_crc());
}

TEST(BatchView, AskedInPiecesItSaysHowMuchIsMissing) {
  const Bytes bytes = from_hex(golden_plain);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto view = BatchView::parse(std::span(bytes).first(cut));
    ASSERT_FALSE(view.has_value()) << cut;
    ASSERT_EQ(view.error().kind, Kind::incomplete) << cut;
    ASSERT_GT(view.error().bytes_needed, cut);
    ASSERT_LE(view.error().bytes_needed, bytes.size());
    ASSERT_EQ(BatchHeader::parse(std::span(bytes).first(cut)).has_value(), cut >= batch_header_bytes);
  }
}

TEST(BatchView, RefusesHeadersThatCannotBe) {
  EXPECT_EQ(fault_with<int32_t>(8, -1), Kind::corrupt);
  EXPECT_EQ(fault_with<int32_t>(8, 0), Kind::corrupt);
  EXPECT_EQ(fault_with<int32_t>(8, 48), Kind::corrupt);
  EXPECT_EQ(fault_with<int32_t>(8, int32_max), Kind::incomplete);
  EXPECT_EQ(fault_with<int8_t>(16, 0), Kind::old_format);
  EXPECT_EQ(fault_with<int8_t>(16, 1), Kind::old_format);
  EXPECT_EQ(fault_with<int8_t>(16, 3), Kind::corrupt);
  EXPECT_EQ(fault_with<int8_t>(16, -1), Kind::corrupt);
  EXPECT_EQ(fault_with<int8_t>(16, 127), Kind::corrupt);
  for (const int16_t codec : {5, 6, 7}) EXPECT_EQ(fault_with<int16_t>(21, codec), Kind::malformed);
  EXPECT_EQ(fault_with<int32_t>(23, -1), Kind::malformed);
  EXPECT_EQ(fault_with<int32_t>(57, -1), Kind::malformed);
  EXPECT_EQ(fault_with<int64_t>(0, int64_max), Kind::malformed);
  EXPECT_EQ(fault_with<int64_t>(0, int64_max - 1), Kind::malformed);
  EXPECT_EQ(parsed(with<int64_t>(0, int64_max - 2)).next_offset(), int64_max);
}

TEST(BatchView, TheCrcSeesEveryBitFlipFromTheAttributesOn) {
  Bytes bytes = from_hex(golden_plain);
  for (size_t bit = 17 * 8; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1 << bit % 8);
    bytes[bit / 8] ^= mask;
    const auto view = BatchView::parse(bytes);
    if (view)
      ASSERT_FALSE(view->verify_crc()) << bit;
    else
      ASSERT_EQ(view.error().kind, Kind::malformed) << bit;
    bytes[bit / 8] ^= mask;
  }
}

TEST(BatchView, SequencesWrapAround) {
  EXPECT_EQ(parsed(with<int32_t>(53, int32_max)).last_sequence(), 0);
  EXPECT_EQ(parsed(with<int32_t>(53, no_sequence)).last_sequence(), no_sequence);
  EXPECT_EQ(sequence_after(int32_max - 1, 3), 1);
  EXPECT_EQ(sequence_after(int32_max, int32_max), int32_max - 1);
}

TEST(BatchView, ADeleteHorizonTakesTheBaseTimestampsPlace) {
  EXPECT_EQ(parsed(with<int16_t>(21, 0x50)).delete_horizon_ms(), golden_timestamp);
}

TEST(Patch, OffsetAndEpochNeedNoNewCrc) {
  Bytes bytes = from_hex(golden_plain);
  assign_offset(bytes, 1'000'000'000'000, 77);
  const BatchView batch = parsed(bytes);
  EXPECT_EQ(batch.base_offset(), 1'000'000'000'000);
  EXPECT_EQ(batch.partition_leader_epoch(), 77);
  EXPECT_TRUE(batch.verify_crc());
}

TEST(Patch, LogAppendTimeHoldsForEveryRecord) {
  Bytes bytes = from_hex(golden_plain);
  stamp_log_append_time(bytes, 1'800'000'000'000);
  const BatchView batch = parsed(bytes);
  EXPECT_EQ(batch.timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(batch.max_timestamp(), 1'800'000'000'000);
  EXPECT_EQ(batch.base_timestamp(), golden_timestamp);
  EXPECT_TRUE(batch.is_transactional());
  EXPECT_TRUE(batch.verify_crc());
  RecordReader reader = batch.records();
  RecordView record;
  while (reader.next(record)) EXPECT_EQ(batch.timestamp_of(record), 1'800'000'000'000);
  EXPECT_EQ(reader.fault(), nullptr);
}

TEST(Patch, CreateTimeTakesTheAttributeBack) {
  Bytes bytes = from_hex(golden_plain);
  stamp_log_append_time(bytes, 1'800'000'000'000);
  stamp_create_time(bytes, golden_timestamp + 5);
  EXPECT_EQ(bytes, from_hex(golden_plain));
}

}  // namespace
}  // namespace kt::record
