#include "libbroker/record/batch_builder.h"

#include <gtest/gtest.h>

#include "libbroker/base/rng.h"
#include "libbroker/record/compression.h"
#include "libbroker/record/control.h"
#include "tests/unit/record/goldens.h"

namespace kt::record {
namespace {

using Bytes = std::vector<std::byte>;

void append_golden_records(BatchBuilder& builder) {
  const std::vector<Header> first = {{"h", as_bytes("x")}};
  const std::vector<Header> second = {{"h", {}}, {"n", as_bytes("")}};
  builder.append({golden_timestamp, as_bytes("k"), as_bytes("v"), first});
  builder.append({golden_timestamp + 5, {}, as_bytes(""), second});
}

constexpr BatchOptions golden_options = {.base_offset = 100,
                                         .partition_leader_epoch = 5,
                                         .producer_id = 9,
                                         .producer_epoch = 3,
                                         .base_sequence = 7,
                                         .is_transactional = true};

TEST(BatchBuilder, WritesJavasBytes) {
  BatchBuilder builder(golden_options);
  append_golden_records(builder);
  EXPECT_EQ(builder.size_bytes(), from_hex(golden_plain).size());
  EXPECT_EQ(builder.build(), from_hex(golden_plain));
}

TEST(BatchBuilder, CompressesAsJavaDoes) {
  for (const auto& [codec, golden] :
       {std::pair(Codec::snappy, golden_snappy), std::pair(Codec::lz4, golden_lz4)}) {
    BatchOptions options = golden_options;
    options.codec = codec;
    BatchBuilder builder(options);
    append_golden_records(builder);
    EXPECT_EQ(builder.build(), from_hex(golden)) << name_of(codec);
  }
}

TEST(BatchBuilder, ProducerAndSequenceMayComeLast) {
  BatchOptions options = golden_options;
  options.producer_id = no_producer_id;
  options.producer_epoch = no_producer_epoch;
  options.base_sequence = no_sequence;
  BatchBuilder builder(options);
  append_golden_records(builder);
  builder.options().producer_id = 9;
  builder.options().producer_epoch = 3;
  builder.options().base_sequence = 7;
  EXPECT_EQ(builder.build(), from_hex(golden_plain));
}

Bytes marker(ControlType type) {
  const auto key = encode_control_key(type);
  const auto value = encode_end_marker(17);
  BatchBuilder builder({.base_offset = 42,
                        .partition_leader_epoch = 5,
                        .producer_id = 9,
                        .producer_epoch = 3,
                        .is_transactional = true,
                        .is_control = true});
  builder.append({golden_timestamp, key, value});
  return builder.build();
}

TEST(BatchBuilder, WritesJavasMarkers) {
  EXPECT_EQ(marker(ControlType::commit), from_hex(golden_commit));
  EXPECT_EQ(marker(ControlType::abort), from_hex(golden_abort));
}

TEST(BatchBuilder, WritesJavasLeaderChange) {
  const auto key = encode_control_key(ControlType::leader_change);
  const Bytes message = from_hex("0000 00000001 01 01 00");
  BatchBuilder builder({.base_offset = 10, .partition_leader_epoch = 5, .is_control = true});
  builder.append({golden_timestamp, key, message});
  EXPECT_EQ(builder.build(), from_hex(golden_leader_change));
}

TEST(BatchBuilder, KeepsGapsAndTheLastOffsetOfACleanedBatch) {
  BatchBuilder builder({.base_offset = 1000, .last_offset = 1020});
  builder.append_at(1003, {50, as_bytes("a"), as_bytes("1")});
  builder.append_at(1017, {40, as_bytes("b"), {}});
  const Bytes bytes = builder.build();
  const BatchView batch = BatchView::parse(bytes).value();
  EXPECT_TRUE(batch.verify_crc());
  EXPECT_EQ(batch.last_offset(), 1020);
  EXPECT_EQ(batch.record_count(), 2);
  EXPECT_EQ(batch.base_timestamp(), 50);
  EXPECT_EQ(batch.max_timestamp(), 50);
  RecordReader reader = batch.records();
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(batch.offset_of(record), 1003);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(batch.offset_of(record), 1017);
  EXPECT_EQ(batch.timestamp_of(record), 40);
  EXPECT_EQ(record.value.data(), nullptr);
}

TEST(BatchBuilder, ADeleteHorizonMovesTheDeltas) {
  BatchBuilder builder({.delete_horizon_ms = 7000});
  builder.append({6500, as_bytes("a"), {}});
  const Bytes bytes = builder.build();
  const BatchView batch = BatchView::parse(bytes).value();
  EXPECT_EQ(batch.delete_horizon_ms(), 7000);
  EXPECT_EQ(batch.max_timestamp(), 6500);
  RecordReader reader = batch.records();
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.timestamp_delta, -500);
  EXPECT_EQ(batch.timestamp_of(record), 6500);
}

TEST(BatchBuilder, LogAppendTimeStandsForEveryRecord) {
  BatchBuilder builder({.log_append_time_ms = 9000});
  builder.append({1, as_bytes("a"), {}});
  builder.append({2, as_bytes("b"), {}});
  const Bytes bytes = builder.build();
  const BatchView batch = BatchView::parse(bytes).value();
  EXPECT_EQ(batch.timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(batch.max_timestamp(), 9000);
  RecordReader reader = batch.records();
  for (RecordView record; reader.next(record);) EXPECT_EQ(batch.timestamp_of(record), 9000);
  EXPECT_EQ(reader.fault(), nullptr);
}

TEST(BatchBuilder, WithoutRecordsAHeaderIsLeft) {
  const Bytes original = from_hex(golden_plain);
  BatchBuilder builder(options_like(BatchView::parse(original).value()));
  const Bytes bytes = builder.build();
  EXPECT_EQ(bytes.size(), batch_header_bytes);
  const BatchView batch = BatchView::parse(bytes).value();
  EXPECT_TRUE(batch.verify_crc());
  EXPECT_EQ(batch.record_count(), 0);
  EXPECT_EQ(batch.base_offset(), 100);
  EXPECT_EQ(batch.last_offset(), 101);
  EXPECT_EQ(batch.producer_id(), 9);
  EXPECT_EQ(batch.producer_epoch(), 3);
  EXPECT_EQ(batch.base_sequence(), 7);
  EXPECT_TRUE(batch.is_transactional());
}

struct Model {
  int64_t timestamp;
  std::optional<std::string> key, value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

std::optional<std::string> maybe_text(Rng& rng) {
  if (rng.below(4) == 0) return std::nullopt;
  return std::string(rng.below(rng.below(20) == 0 ? 20'000 : 40), static_cast<char>('a' + rng.below(26)));
}
std::span<const std::byte> view(const std::optional<std::string>& text) {
  return text ? as_bytes(*text) : std::span<const std::byte>{};
}
std::optional<std::string> copy(std::span<const std::byte> bytes) {
  return bytes.data() ? std::optional<std::string>(as_text(bytes)) : std::nullopt;
}

TEST(BatchBuilder, WhatGoesInComesOut) {
  SeededRng rng(6);
  Decompressor decompressor;
  Bytes scratch;
  for (int round = 0; round < 200; ++round) {
    std::vector<Model> models(1 + rng.below(40));
    const auto codec = static_cast<Codec>(rng.below(codec_count));
    BatchBuilder builder({.base_offset = static_cast<int64_t>(rng.next() >> 2), .codec = codec});
    size_t size_bytes_max = builder.size_bytes();
    for (Model& model : models) {
      model = {static_cast<int64_t>(rng.next() >> (2 + rng.below(62))), maybe_text(rng), maybe_text(rng), {}};
      std::vector<Header> headers;
      for (uint64_t i = rng.below(4); i > 0; --i)
        model.headers.emplace_back(maybe_text(rng).value_or(""), maybe_text(rng));
      for (const auto& [key, value] : model.headers) headers.push_back({key, view(value)});
      const NewRecord record{model.timestamp, view(model.key), view(model.value), headers};
      size_bytes_max += BatchBuilder::record_size_bytes_max(record);
      builder.append(record);
      ASSERT_LE(builder.size_bytes(), size_bytes_max);
    }
    const Bytes bytes = builder.build();
    const BatchView batch = BatchView::parse(bytes).value();
    ASSERT_TRUE(batch.verify_crc());
    ASSERT_EQ(batch.record_count(), static_cast<int32_t>(models.size()));
    ASSERT_EQ(batch.codec(), codec);
    RecordReader reader(plain_records(batch, decompressor, scratch, 1 << 30).value(), batch.record_count());
    RecordView record;
    for (const Model& model : models) {
      ASSERT_TRUE(reader.next(record));
      ASSERT_EQ(batch.timestamp_of(record), model.timestamp);
      ASSERT_EQ(copy(record.key), model.key);
      ASSERT_EQ(copy(record.value), model.value);
      std::vector<std::pair<std::string, std::optional<std::string>>> headers;
      for (const Header& header : record.headers) headers.emplace_back(header.key, copy(header.value));
      ASSERT_EQ(headers, model.headers);
    }
    ASSERT_FALSE(reader.next(record));
    ASSERT_EQ(reader.fault(), nullptr);
  }
}

}  // namespace
}  // namespace kt::record
