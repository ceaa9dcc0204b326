#include "libbroker/consuming/fetched.h"

#include <gtest/gtest.h>

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"

namespace kt::consuming {
namespace {

using record::BatchBuilder, record::BatchOptions;

std::vector<std::byte> batch(BatchOptions options, std::vector<std::string> values) {
  options.partition_leader_epoch = 3;
  BatchBuilder builder(options);
  for (const std::string& value : values) builder.append({.timestamp = 10, .value = as_bytes(value)});
  return builder.build();
}

std::vector<std::byte> marker(int64_t offset, int64_t producer, record::ControlType type) {
  BatchBuilder builder({.base_offset = offset,
                        .producer_id = producer,
                        .producer_epoch = 0,
                        .is_transactional = true,
                        .is_control = true});
  const auto key = record::encode_control_key(type);
  const auto value = record::encode_end_marker(0);
  builder.append({.timestamp = 10, .key = key, .value = value});
  return builder.build();
}

Slice joined(std::initializer_list<std::vector<std::byte>> batches) {
  std::vector<std::byte> bytes;
  for (const auto& batch : batches) bytes.insert(bytes.end(), batch.begin(), batch.end());
  return Slice::own(std::move(bytes));
}

/// "offset:value" of what comes out, or the error.
std::vector<std::string> read(Fetched& fetched) {
  std::vector<std::string> out;
  record::Decompressor decompressor;
  ConsumedRecord record;
  for (;;) {
    const auto has = fetched.next(record, decompressor);
    if (!has) return out.push_back(has.error().message), out;
    if (!*has) return out;
    out.push_back(std::to_string(record.offset) + ":" + std::string(record.value.text()));
  }
}
using Lines = std::vector<std::string>;

TEST(Fetched, BeginsAtTheFetchOffsetInsideABatchOfAnyCodec) {
  for (const auto codec : {record::Codec::none, record::Codec::gzip, record::Codec::snappy,
                           record::Codec::lz4, record::Codec::zstd}) {
    Fetched fetched(joined({batch({.base_offset = 5, .codec = codec}, {"a", "b", "c"}),
                            batch({.base_offset = 8}, {"d"})}),
                    6, {}, {});
    EXPECT_EQ(fetched.end_offset(), 9);
    EXPECT_EQ(fetched.end_epoch(), 3);
    EXPECT_EQ(read(fetched), (Lines{"6:b", "7:c", "8:d"}));
    EXPECT_EQ(fetched.position(), 9);
  }
}

TEST(Fetched, PositionFollowsWhatWasGiven) {
  Fetched fetched(joined({batch({.base_offset = 0}, {"a", "b"})}), 0, {}, {});
  record::Decompressor decompressor;
  ConsumedRecord record;
  ASSERT_TRUE(*fetched.next(record, decompressor));
  EXPECT_EQ(fetched.position(), 1);
  EXPECT_EQ(fetched.position_epoch(), 3);
}

TEST(Fetched, PassesOverControlBatchesAndTheCutEnd) {
  const auto last = batch({.base_offset = 2}, {"cut"});
  Fetched fetched(joined({batch({.base_offset = 0}, {"a"}),
                          marker(1, 7, record::ControlType::commit),
                          {last.begin(), last.end() - 1}}),
                  0, {}, {});
  EXPECT_EQ(fetched.end_offset(), 2);
  EXPECT_EQ(read(fetched), (Lines{"0:a"}));
  EXPECT_EQ(fetched.position(), 2);
}

TEST(Fetched, ReadCommittedLeavesOutAbortedTransactions) {
  const auto data = [](int64_t offset, int64_t producer, const char* value) {
    return batch({.base_offset = offset,
                  .producer_id = producer,
                  .producer_epoch = 0,
                  .base_sequence = 0,
                  .is_transactional = true},
                 {value});
  };
  const Slice bytes =
      joined({data(0, 1, "aborted"), data(1, 2, "other"), data(2, 1, "aborted"),
              marker(3, 1, record::ControlType::abort), data(4, 1, "next"),
              marker(5, 1, record::ControlType::commit), marker(6, 2, record::ControlType::commit)});
  Fetched committed(bytes, 0, {{.producer_id = 1, .first_offset = 0}}, {.reads_committed = true});
  EXPECT_EQ(read(committed), (Lines{"1:other", "4:next"}));
  EXPECT_EQ(committed.position(), 7);
  Fetched uncommitted(bytes, 0, {}, {});
  EXPECT_EQ(read(uncommitted).size(), 4u);
}

TEST(Fetched, ABatchWithoutItsLastRecordsMovesThePosition) {
  Fetched fetched(joined({batch({.base_offset = 0, .last_offset = 9}, {"a"})}), 0, {}, {});
  EXPECT_EQ(read(fetched), (Lines{"0:a"}));
  EXPECT_EQ(fetched.position(), 10);
}

TEST(Fetched, ARecordBeyondAllOffsetsIsAnError) {
  constexpr size_t delta_at = record::batch_header_bytes + 3;
  for (const int delta : {2, 3}) {
    auto bytes = batch({.base_offset = INT64_MAX - 2}, {"a"});
    bytes[delta_at] = static_cast<std::byte>(2 * delta);  // zigzag
    record::seal(bytes);
    Fetched fetched(Slice::own(bytes), 0, {}, {});
    EXPECT_EQ(
        read(fetched),
        Lines{"the batch at offset 9223372036854775805 cannot be read: a record's offset is out of range"});
  }
}

TEST(Fetched, AWrongCrcIsAnErrorUnlessUnchecked) {
  auto bytes = batch({.base_offset = 0}, {"abc"});
  bytes[bytes.size() - 2] ^= std::byte{1};
  Fetched checked(joined({bytes}), 0, {}, {});
  EXPECT_EQ(read(checked), (Lines{"the batch at offset 0 cannot be read: its CRC is wrong"}));
  EXPECT_EQ(checked.position(), 0);
  Fetched unchecked(joined({bytes}), 0, {}, {.checks_crcs = false});
  EXPECT_EQ(read(unchecked), (Lines{"0:abb"}));
}

}  // namespace
}  // namespace kt::consuming
