#include "libbroker/record/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "libbroker/base/bytes.h"
#include "libbroker/base/rng.h"
#include "libbroker/record/varint.h"
#include "tests/unit/record/bytes_of.h"

namespace kt::record {
namespace {

using Bytes = std::vector<std::byte>;

bool parses(const Bytes& body) {
  RecordView record;
  return parse_record(body, record);
}
bool parses(const char* hex) { return parses(from_hex(hex)); }

// What stops a walk over `count` records; nullptr when nothing does.
const char* walk(const char* hex, int32_t count) {
  const Bytes bytes = from_hex(hex);
  RecordReader reader(bytes, count);
  for (RecordView record; reader.next(record);) {
  }
  return reader.fault();
}

constexpr const char* two_headers = "00 0a 02 02 6b 04 7676 04 02 68 01 02 6e 00";

TEST(Record, IsMalformedWhenCutAnywhere) {
  const Bytes body = from_hex(two_headers);
  ASSERT_TRUE(parses(body));
  for (size_t cut = 0; cut < body.size(); ++cut) {
    const Bytes head(body.begin(), body.begin() + static_cast<long>(cut));
    EXPECT_FALSE(parses(head)) << cut;
  }
}

TEST(Record, MustUseUpItsLength) {
  EXPECT_TRUE(parses("00 00 00 01 01 00"));
  EXPECT_FALSE(parses("00 00 00 01 01 00 00"));
}

TEST(Record, IgnoresItsAttributes) { EXPECT_TRUE(parses("ff 00 00 01 01 00")); }

TEST(Record, RefusesLyingLengths) {
  EXPECT_FALSE(parses("00 00 00 03 01 00")) << "key length -2";
  EXPECT_FALSE(parses("00 00 00 01 03 00")) << "value length -2";
  EXPECT_FALSE(parses("00 00 00 06 6b 01 00")) << "key longer than the record";
  EXPECT_FALSE(parses("00 00 00 01 feffffff0f 00")) << "value of 2^31-1 bytes";
  EXPECT_FALSE(parses("00 00 00 01 01 01")) << "-1 headers";
  EXPECT_FALSE(parses("00 00 00 01 01 feffffff0f")) << "2^31-1 headers";
  EXPECT_FALSE(parses("00 00 00 01 01 02 01 01")) << "header key null";
  EXPECT_FALSE(parses("00 00 00 01 01 02 00 03")) << "header value length -2";
  EXPECT_FALSE(parses("00 00 00 01 01 02 00 01 00")) << "bytes after the last header";
}

TEST(Record, ReadsOffsetsAndTimestampsOfBothSigns) {
  const Bytes body = from_hex("00 ffffffffffffffffff01 ffffffff0f 01 01 00");
  RecordView record;
  ASSERT_TRUE(parse_record(body, record));
  EXPECT_EQ(record.timestamp_delta, INT64_MIN);
  EXPECT_EQ(record.offset_delta, INT32_MIN);
  EXPECT_TRUE(record.headers.empty());
  for (const Header& header : record.headers) ADD_FAILURE() << header.key;
}

TEST(RecordReader, TakesExactlyTheDeclaredRecords) {
  EXPECT_EQ(walk("0c 00 00 00 01 01 00", 1), nullptr);
  EXPECT_EQ(walk("0c 00 00 00 01 01 00  0c 00 00 02 01 01 00", 2), nullptr);
  EXPECT_EQ(walk("", 0), nullptr);
  EXPECT_STREQ(walk("0c 00 00 00 01 01 00  0c 00 00 02 01 01 00", 1), "bytes are left after the last record");
  EXPECT_STREQ(walk("00", 0), "bytes are left after the last record");
  EXPECT_STREQ(walk("0c 00 00 00 01 01 00", 2), "a record's length is malformed");
  EXPECT_STREQ(walk("0c 00 00 00 01 01 00", INT32_MAX), "a record's length is malformed");
}

TEST(RecordReader, RefusesRecordsOutsideTheirBatch) {
  EXPECT_STREQ(walk("0e 00 00 00 01 01 00", 1), "a record's length does not fit its batch");
  EXPECT_STREQ(walk("01 00 00 00 01 01 00", 1), "a record's length does not fit its batch");
  EXPECT_STREQ(walk("0a 00 00 00 01 01 00", 1), "a record is malformed");
  EXPECT_STREQ(walk("00", 1), "a record is malformed");
  EXPECT_STREQ(walk("ffffffff1f", 1), "a record's length is malformed");
}

TEST(RecordReader, AfterAFaultItStaysStopped) {
  const Bytes bytes = from_hex("00 00");
  RecordReader reader(bytes, 2);
  RecordView record;
  EXPECT_FALSE(reader.next(record));
  EXPECT_FALSE(reader.next(record));
  EXPECT_STREQ(reader.fault(), "a record is malformed");
}

// Whatever the bytes, what is handed out lies inside them, and a walk ends.
TEST(RecordReader, HoldsOnToItsBytesWhateverTheyAre) {
  SeededRng rng(5);
  const Bytes good = from_hex("1e 00 0a 02 02 6b 04 7676 04 02 68 01 02 6e 00  0c 00 00 02 01 01 00");
  int walked = 0;
  for (int round = 0; round < 50'000; ++round) {
    Bytes bytes = good;
    for (uint64_t changes = 1 + rng.below(3); changes > 0; --changes)
      bytes[rng.below(bytes.size())] = static_cast<std::byte>(rng.next());
    RecordReader reader(bytes, 2);
    const auto inside = [&](const void* at, size_t size) {
      const auto* from = static_cast<const std::byte*>(at);
      return !from || (from >= bytes.data() && from + size <= bytes.data() + bytes.size());
    };
    for (RecordView record; reader.next(record); ++walked) {
      ASSERT_TRUE(inside(record.key.data(), record.key.size()));
      ASSERT_TRUE(inside(record.value.data(), record.value.size()));
      int32_t headers = 0;
      for (const Header& header : record.headers) {
        ASSERT_TRUE(inside(header.key.data(), header.key.size()));
        ASSERT_TRUE(inside(header.value.data(), header.value.size()));
        ++headers;
      }
      ASSERT_EQ(headers, record.headers.size());
    }
  }
  EXPECT_GT(walked, 10'000);
}

/// Records of every shape, as they follow each other in a batch.
Bytes any_records(SeededRng& rng, int32_t count) {
  Bytes out;
  std::array<std::byte, varlong_bytes_max> coded;
  const auto put = [&](Bytes& to, std::byte* end) { to.insert(to.end(), coded.data(), end); };
  const auto put_bytes = [&](Bytes& to, int32_t size) {
    put(to, write_varint(coded.data(), size));
    for (int32_t i = 0; i < size; ++i) to.push_back(static_cast<std::byte>(rng.next()));
  };
  const auto size = [&] { return static_cast<int32_t>(rng.below(rng.below(4) == 0 ? 300 : 70)) - 1; };
  for (int32_t i = 0; i < count; ++i) {
    Bytes body{std::byte{0}};
    put(body, write_varlong(coded.data(), rng.below(8) == 0 ? static_cast<int64_t>(rng.next()) : 12));
    put(body, write_varint(coded.data(), rng.below(8) == 0 ? -5 : static_cast<int32_t>(i << rng.below(22))));
    put_bytes(body, size());
    put_bytes(body, size());
    const auto headers = static_cast<int32_t>(rng.below(8) == 0 ? 2 : 0);
    put(body, write_varint(coded.data(), headers));
    for (int32_t h = 0; h < headers; ++h) put_bytes(body, 3), put_bytes(body, -1);
    put(out, write_varint(coded.data(), static_cast<int32_t>(body.size())));
    out.insert(out.end(), body.begin(), body.end());
  }
  return out;
}

TEST(RecordReader, SummarizesWhatItReads) {
  SeededRng rng(7);
  int read = 0, faults = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = any_records(rng, 6);
    for (uint64_t changes = rng.below(3); changes > 0; --changes)
      bytes[rng.below(bytes.size())] = static_cast<std::byte>(rng.next());
    if (rng.below(10) == 0) bytes.resize(rng.below(bytes.size()));
    RecordReader reading(bytes, 6), summing(bytes, 6);
    RecordSummary expected, summary;
    for (RecordView view; reading.next(view); ++read) {
      expected.timestamp_delta_min = std::min(expected.timestamp_delta_min, view.timestamp_delta);
      expected.timestamp_delta_max = std::max(expected.timestamp_delta_max, view.timestamp_delta);
      expected.has_key_everywhere &= view.key.data() != nullptr;
    }
    ASSERT_EQ(summing.summarize(summary), reading.fault() == nullptr) << round;
    ASSERT_STREQ(summing.fault(), reading.fault()) << round;
    ASSERT_EQ(summary.timestamp_delta_min, expected.timestamp_delta_min) << round;
    ASSERT_EQ(summary.timestamp_delta_max, expected.timestamp_delta_max) << round;
    ASSERT_EQ(summary.has_key_everywhere, expected.has_key_everywhere) << round;
    faults += reading.fault() != nullptr;
  }
  EXPECT_GT(read, 50'000);
  EXPECT_GT(faults, 2'000);
}

}  // namespace
}  // namespace kt::record
