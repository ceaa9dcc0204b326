#include "libbroker/record/validator.h"

#include <gtest/gtest.h>

#include "libbroker/base/rng.h"
#include "libbroker/record/batch_builder.h"
#include "tests/unit/record/goldens.h"

namespace kt::record {
namespace {

using Bytes = std::vector<std::byte>;

constexpr int64_t now = 1'700'000'000'000;
constexpr Codec all_codecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

struct Rec {
  int64_t timestamp = now;
  const char* key = "k";  // nullptr: null
  std::string value = "v";
};

BatchBuilder filled(const BatchOptions& options, const std::vector<Rec>& records) {
  BatchBuilder builder(options);
  for (const Rec& record : records)
    builder.append({record.timestamp, record.key ? as_bytes(record.key) : std::span<const std::byte>{},
                    as_bytes(record.value)});
  return builder;
}
Bytes batch_of(const std::vector<Rec>& records, const BatchOptions& options = {}) {
  return filled(options, records).build();
}

// Three good records with a field of the header overwritten, and a right CRC.
template <class I>
Bytes with(size_t at, I value, const BatchOptions& options = {}) {
  Bytes bytes = batch_of({{}, {}, {}}, options);
  store_be(bytes.data() + at, value);
  seal(bytes);
  return bytes;
}

class ValidatorTest : public testing::Test {
 protected:
  std::expected<Validated, Rejection> validate(const Bytes& payload) {
    return validator_.validate(payload, rules_, now);
  }
  ErrorCode error_of(const Bytes& payload) {
    const auto validated = validate(payload);
    return validated ? ErrorCode::none : validated.error().error.code;
  }

  Validator validator_;
  ProduceRules rules_ = {.topic_partition = "orders-0"};
};

TEST_F(ValidatorTest, AGoodBatchIsTakenAsItIs) {
  for (const Codec codec : all_codecs) {
    const Bytes payload = batch_of({{now - 5}, {now + 7}, {now}}, {.codec = codec});
    const auto validated = validate(payload);
    ASSERT_TRUE(validated.has_value()) << name_of(codec) << validated.error().error.message;
    EXPECT_FALSE(validated->needs_stamp);
    EXPECT_FALSE(validated->needs_rebuild);
    EXPECT_EQ(validated->max_timestamp, now + 7);
    EXPECT_EQ(validated->batch.record_count(), 3);
  }
}

TEST_F(ValidatorTest, JavasBatchesAreGoodButForTheirOffset) {
  for (const char* hex : {golden_plain, golden_gzip, golden_snappy, golden_lz4, golden_zstd}) {
    Bytes payload = from_hex(hex);
    EXPECT_EQ(error_of(payload), ErrorCode::invalid_record) << "base offset 100 (P6)";
    assign_offset(payload, 0, -1);
    EXPECT_EQ(error_of(payload), ErrorCode::none);
  }
}

TEST_F(ValidatorTest, ThePayloadIsExactlyOneBatch) {  // P3
  EXPECT_EQ(error_of({}), ErrorCode::invalid_record);
  const Bytes one = batch_of({{}, {}});
  Bytes two = one;
  two.insert(two.end(), one.begin(), one.end());
  EXPECT_EQ(error_of(two), ErrorCode::invalid_record);
  for (size_t cut = 0; cut < one.size(); ++cut)
    EXPECT_EQ(error_of(Bytes(one.begin(), one.begin() + static_cast<long>(cut))), ErrorCode::invalid_record)
        << cut;
  for (const int8_t magic : {0, 1}) {
    Bytes old = one;
    old[16] = static_cast<std::byte>(magic);
    EXPECT_EQ(error_of(old), ErrorCode::invalid_record);
  }
  Bytes unknown = one;
  unknown[16] = std::byte{3};
  EXPECT_EQ(error_of(unknown), ErrorCode::corrupt_message);
}

TEST_F(ValidatorTest, ZstdNeedsAYoungEnoughRequest) {
  rules_.allows_zstd = false;
  EXPECT_EQ(error_of(batch_of({{}}, {.codec = Codec::zstd})), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(error_of(batch_of({{}}, {.codec = Codec::lz4})), ErrorCode::none);
}

TEST_F(ValidatorTest, ChecksSizeBeforeCrc) {  // P6
  Bytes payload = batch_of({{}, {}});
  payload.back() ^= std::byte{1};
  EXPECT_EQ(error_of(payload), ErrorCode::corrupt_message);
  rules_.batch_bytes_max = payload.size();
  EXPECT_EQ(error_of(payload), ErrorCode::corrupt_message);
  rules_.batch_bytes_max = payload.size() - 1;
  EXPECT_EQ(error_of(payload), ErrorCode::message_too_large);
}

TEST_F(ValidatorTest, EveryBitFlipIsRefused) {
  for (const Codec codec : all_codecs) {
    Bytes payload = batch_of({{}, {}}, {.codec = codec});
    for (size_t bit = 0; bit < payload.size() * 8; ++bit) {
      if (bit / 8 >= 12 && bit / 8 < 16) continue;  // the leader epoch: overwritten anyway
      const auto mask = static_cast<std::byte>(1 << bit % 8);
      payload[bit / 8] ^= mask;
      ASSERT_NE(error_of(payload), ErrorCode::none) << bit;
      payload[bit / 8] ^= mask;
    }
    ASSERT_EQ(error_of(payload), ErrorCode::none);
  }
}

TEST_F(ValidatorTest, RefusesHeadersThatLie) {  // P7
  for (const int32_t count : {0, -1, 2, 4, INT32_MAX})
    EXPECT_EQ(error_of(with(57, count)), ErrorCode::invalid_record);
  for (const int32_t delta : {-1, 0, 1, 3, INT32_MAX})
    EXPECT_EQ(error_of(with(23, delta)), ErrorCode::invalid_record);
  for (const int16_t codec : {5, 6, 7})
    EXPECT_EQ(error_of(with<int16_t>(21, codec)), ErrorCode::invalid_record);
  EXPECT_EQ(error_of(with<int16_t>(21, 0x20)), ErrorCode::invalid_record) << "a control batch";
  EXPECT_EQ(error_of(with<int64_t>(0, 1)), ErrorCode::invalid_record);
  EXPECT_EQ(error_of(with<int64_t>(0, -1)), ErrorCode::invalid_record);
  EXPECT_EQ(error_of(with<int64_t>(43, 5)), ErrorCode::invalid_record) << "a producer id without a sequence";
  EXPECT_EQ(error_of(with<int64_t>(43, 5, {.base_sequence = 0})), ErrorCode::none);
}

TEST_F(ValidatorTest, ACountThatLiesOnBothSidesIsFoundInTheRecords) {
  for (const Codec codec : all_codecs)
    for (const int32_t count : {1, 2, 4, INT32_MAX}) {
      Bytes payload = with(57, count, {.codec = codec});
      store_be(payload.data() + 23, count - 1);
      seal(payload);
      EXPECT_EQ(error_of(payload), ErrorCode::invalid_record) << name_of(codec) << ' ' << count;
    }
}

TEST_F(ValidatorTest, WithACrcThatFitsMalformedRecordsAreStillRefused) {
  SeededRng rng(41);
  for (const Codec codec : all_codecs) {
    int refused = 0;
    for (int round = 0; round < 2000; ++round) {
      Bytes payload = batch_of({{now, "key", "value"}, {now, nullptr, "more"}}, {.codec = codec});
      payload[batch_header_bytes + rng.below(payload.size() - batch_header_bytes)] =
          static_cast<std::byte>(rng.next());
      seal(payload);
      refused += error_of(payload) != ErrorCode::none;
    }
    EXPECT_GT(refused, 300) << name_of(codec);
  }
}

TEST_F(ValidatorTest, ABombIsTooLarge) {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const Bytes payload = batch_of({{now, "k", std::string(12 << 20, 'x')}}, {.codec = codec});
    rules_.decompressed_bytes_max = 11 << 20;
    EXPECT_EQ(error_of(payload), ErrorCode::message_too_large) << name_of(codec);
    rules_.decompressed_bytes_max = 13 << 20;
    EXPECT_EQ(error_of(payload), ErrorCode::none)
        << name_of(codec) << ": one record far larger than the buffer";
    rules_ = {};
  }
}

TEST_F(ValidatorTest, CompactedTopicsWantKeys) {  // P8
  rules_.is_compacted = true;
  for (const Codec codec : all_codecs) {
    EXPECT_EQ(error_of(batch_of({{now, ""}, {now, "k"}}, {.codec = codec})), ErrorCode::none)
        << "an empty key is one";
    const auto validated = validate(batch_of({{now, "k"}, {now, nullptr}, {now, nullptr}}, {.codec = codec}));
    ASSERT_FALSE(validated.has_value());
    const std::string message =
        "Compacted topic cannot accept message without key in topic partition orders-0";
    EXPECT_EQ(validated.error().records, (std::vector<RecordError>{{1, message}, {2, message}}));
    EXPECT_EQ(
        validated.error().error,
        (Error{ErrorCode::invalid_record,
               "One or more records have been rejected due to 2 record errors in total, and only showing the "
               "first three errors at most: [RecordError(batchIndex=1, message='" +
                   message + "'), RecordError(batchIndex=2, message='" + message + "')]"}));
  }
}

TEST_F(ValidatorTest, TimestampsStayInTheirRange) {  // P9
  rules_.timestamp_before_ms_max = 1000;
  rules_.timestamp_after_ms_max = 100;
  for (const Codec codec : all_codecs) {
    EXPECT_EQ(error_of(batch_of({{now - 1000}, {now + 100}, {-1}}, {.codec = codec})), ErrorCode::none);
    const auto validated = validate(batch_of({{now - 1001}, {now}, {now + 101}}, {.codec = codec}));
    ASSERT_FALSE(validated.has_value());
    EXPECT_EQ(validated.error().error,
              (Error{ErrorCode::invalid_timestamp,
                     "One or more records have been rejected due to invalid timestamp"}));
    EXPECT_EQ(validated.error().records,
              (std::vector<RecordError>{{0,
                                         "Timestamp 1699999998999 of message with offset 0 is out of range. "
                                         "The timestamp should be within "
                                         "[1699999999000, 1700000000100]"},
                                        {2,
                                         "Timestamp 1700000000101 of message with offset 2 is out of range. "
                                         "The timestamp should be within "
                                         "[1699999999000, 1700000000100]"}}));
  }
}

TEST_F(ValidatorTest, ByDefaultOnlyTheFutureIsBounded) {
  EXPECT_EQ(error_of(batch_of({{0}})), ErrorCode::none);
  EXPECT_EQ(error_of(batch_of({{now + 3'600'000}})), ErrorCode::none);
  EXPECT_EQ(error_of(batch_of({{now + 3'600'001}})), ErrorCode::invalid_timestamp);
  EXPECT_EQ(error_of(batch_of({{INT64_MAX}})), ErrorCode::invalid_timestamp);
  EXPECT_EQ(error_of(batch_of({{INT64_MIN}})), ErrorCode::invalid_timestamp);
}

TEST_F(ValidatorTest, ATimestampErrorOutweighsAKeyError) {  // P9b
  rules_.is_compacted = true;
  const auto validated = validate(batch_of({{now, nullptr}, {INT64_MAX, "k"}}));
  ASSERT_FALSE(validated.has_value());
  EXPECT_EQ(validated.error().error.code, ErrorCode::invalid_timestamp);
  EXPECT_EQ(validated.error().records.size(), 2u);
}

TEST_F(ValidatorTest, RecordErrorsAreCounted) {
  rules_.is_compacted = true;
  const auto validated = validate(batch_of(std::vector<Rec>(5000, {now, nullptr})));
  ASSERT_FALSE(validated.has_value());
  EXPECT_EQ(validated.error().records.size(), Validator::record_errors_max);
  EXPECT_NE(validated.error().error.message.find("5000 record errors"), std::string::npos);
}

TEST_F(ValidatorTest, ClientsDoNotSetAppendTime) {  // P9a
  for (const Codec codec : all_codecs) {
    const Bytes payload = batch_of({{}, {}}, {.codec = codec, .log_append_time_ms = now - 9});
    rules_.timestamp_type = TimestampType::log_append_time;
    EXPECT_EQ(error_of(payload), ErrorCode::invalid_timestamp);
    EXPECT_EQ(error_of(batch_of({{}}, {.codec = codec, .log_append_time_ms = -1})),
              ErrorCode::invalid_timestamp);
    rules_.timestamp_type = TimestampType::create_time;
    EXPECT_EQ(error_of(batch_of({{}}, {.codec = codec, .log_append_time_ms = -1})),
              ErrorCode::invalid_timestamp);
    // With a timestamp in range Kafka takes it, and takes the attribute back.
    const auto validated = validate(payload);
    ASSERT_TRUE(validated.has_value());
    EXPECT_TRUE(validated->needs_stamp);
    EXPECT_EQ(validated->max_timestamp, now - 9);
  }
}

TEST_F(ValidatorTest, AppendTimeIsStamped) {  // P10
  rules_.timestamp_type = TimestampType::log_append_time;
  Bytes payload = batch_of({{now + 100'000'000'000}, {5}});
  const auto validated = validate(payload);
  ASSERT_TRUE(validated.has_value());
  EXPECT_TRUE(validated->needs_stamp);
  EXPECT_FALSE(validated->needs_rebuild);
  stamp(payload, *validated);
  const BatchView batch = BatchView::parse(payload).value();
  EXPECT_TRUE(batch.verify_crc());
  EXPECT_EQ(batch.timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(batch.max_timestamp(), now);
}

TEST_F(ValidatorTest, AWrongMaxTimestampIsCorrected) {
  for (const Codec codec : all_codecs) {
    Bytes payload = with<int64_t>(35, now + 77, {.codec = codec});
    const auto validated = validate(payload);
    ASSERT_TRUE(validated.has_value());
    ASSERT_TRUE(validated->needs_stamp);
    stamp(payload, *validated);
    EXPECT_EQ(payload, batch_of({{}, {}, {}}, {.codec = codec}));
  }
}

TEST_F(ValidatorTest, CodecsAreChangedToTheTopics) {  // P11
  const std::vector<Rec> records = {
      {now - 5, "a", "1"}, {now, nullptr, std::string(300'000, 'x')}, {now - 7, "c", "3"}};
  for (const Codec from : all_codecs)
    for (const Codec to : all_codecs) {
      rules_.codec = to;
      const BatchOptions options = {
          .codec = from, .producer_id = 9, .producer_epoch = 2, .base_sequence = 7, .is_transactional = true};
      const Bytes payload = batch_of(records, options);
      const auto validated = validate(payload);
      ASSERT_TRUE(validated.has_value());
      ASSERT_EQ(validated->needs_rebuild, from != to);
      BatchOptions wanted = options;
      wanted.codec = to;
      EXPECT_EQ(validator_.rebuild(*validated, rules_), batch_of(records, wanted))
          << name_of(from) << name_of(to);
    }
}

TEST_F(ValidatorTest, RebuildingKeepsHeadersAndStampsAppendTime) {
  rules_.codec = Codec::lz4;
  rules_.timestamp_type = TimestampType::log_append_time;
  Bytes payload = from_hex(golden_plain);
  assign_offset(payload, 0, -1);
  const auto validated = validate(payload);
  ASSERT_TRUE(validated.has_value());
  const Bytes rebuilt = validator_.rebuild(*validated, rules_).value();
  const BatchView batch = BatchView::parse(rebuilt).value();
  EXPECT_TRUE(batch.verify_crc());
  EXPECT_EQ(batch.codec(), Codec::lz4);
  EXPECT_EQ(batch.timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(batch.max_timestamp(), now);
  EXPECT_TRUE(batch.is_transactional());
  EXPECT_EQ(batch.base_sequence(), 7);
  Decompressor decompressor;
  Bytes scratch;
  RecordReader reader(plain_records(batch, decompressor, scratch, 1000).value(), batch.record_count());
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(batch.timestamp_of(record), now);
  EXPECT_EQ(as_text(record.headers.begin()->value), "x");
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.headers.size(), 2);
  EXPECT_EQ(record.headers.begin()->value.data(), nullptr);
}

TEST_F(ValidatorTest, ARebuiltBatchMayBeTooLarge) {  // P6a
  rules_.codec = Codec::none;
  const Bytes payload = batch_of({{now, "k", std::string(100'000, 'x')}}, {.codec = Codec::zstd});
  rules_.batch_bytes_max = 50'000;
  const auto validated = validate(payload);
  ASSERT_TRUE(validated.has_value());
  EXPECT_EQ(validator_.rebuild(*validated, rules_).error().code, ErrorCode::message_too_large);
}

// What old clients do: every offset delta 0, in a compressed batch.
Bytes with_odd_offsets(Codec codec) {
  Bytes records;
  for (int i = 0; i < 3; ++i)
    for (const std::byte byte : from_hex("10 00 00 00 02 6b 02 76 00")) records.push_back(byte);
  Bytes payload = batch_of({{}, {}, {}}, {.codec = codec});
  payload.resize(batch_header_bytes);
  compress(codec, {}, records, payload);
  store_be(payload.data() + 8, static_cast<int32_t>(payload.size() - batch_prefix_bytes));
  seal(payload);
  return payload;
}

TEST_F(ValidatorTest, OddOffsetDeltasAreRebuiltWhenCompressed) {  // P7
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const auto validated = validate(with_odd_offsets(codec));
    ASSERT_TRUE(validated.has_value());
    ASSERT_TRUE(validated->needs_rebuild);
  }
  const Bytes payload = with_odd_offsets(Codec::lz4);
  const auto validated = validate(payload);
  EXPECT_EQ(validator_.rebuild(*validated, rules_), batch_of({{}, {}, {}}, {.codec = Codec::lz4}));
  const auto plain = validate(with_odd_offsets(Codec::none));
  ASSERT_TRUE(plain.has_value());
  EXPECT_FALSE(plain->needs_rebuild) << "the reference does not look";
}

TEST_F(ValidatorTest, HeadersAreTrustedWhereThatIsAsked) {
  rules_.trusts_compressed_headers = true;
  Bytes garbage = batch_of({{}, {}, {}}, {.codec = Codec::lz4});
  garbage.back() = std::byte{0xff};
  seal(garbage);
  EXPECT_EQ(error_of(garbage), ErrorCode::none);
  EXPECT_EQ(error_of(batch_of({{INT64_MAX}}, {.codec = Codec::lz4})), ErrorCode::invalid_timestamp);
  EXPECT_EQ(error_of(batch_of({{INT64_MAX}, {}}, {.codec = Codec::none})), ErrorCode::invalid_timestamp);
  rules_.codec = Codec::gzip;  // it has to be looked into for this
  EXPECT_EQ(error_of(garbage), ErrorCode::invalid_record);
  rules_.codec.reset();
  rules_.is_compacted = true;
  EXPECT_EQ(error_of(garbage), ErrorCode::invalid_record);
  EXPECT_EQ(error_of(batch_of({{now, nullptr}}, {.codec = Codec::lz4})), ErrorCode::invalid_record);
}

}  // namespace
}  // namespace kt::record
