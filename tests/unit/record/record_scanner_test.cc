#include "libbroker/record/record_scanner.h"

#include <gtest/gtest.h>

#include "libbroker/base/rng.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/compression.h"
#include "tests/unit/record/bytes_of.h"

namespace kt::record {
namespace {

using Bytes = std::vector<std::byte>;

struct Seen {
  int64_t timestamp_delta;
  int32_t offset_delta;
  bool has_key;
  bool operator==(const Seen&) const = default;
};
struct Outcome {
  std::vector<Seen> seen;
  bool is_good = false;
  bool operator==(const Outcome&) const = default;
};

Outcome scan(Codec codec, const Bytes& blob, int32_t count, size_t buffer_bytes) {
  Decompressor decompressor;
  Outcome outcome;
  if (!decompressor.start(codec, blob, 1 << 30)) return outcome;
  Bytes buffer(buffer_bytes);
  RecordScanner scanner(decompressor, buffer, count);
  ScannedRecord record;
  while (true) {
    const auto more = scanner.next(record);
    if (!more) return outcome;
    outcome.is_good = !*more;
    if (outcome.is_good) return outcome;
    outcome.seen.push_back({record.timestamp_delta, record.offset_delta, record.has_key});
  }
}

Outcome read(const Bytes& plain, int32_t count) {
  RecordReader reader(plain, count);
  Outcome outcome;
  for (RecordView record; reader.next(record);)
    outcome.seen.push_back({record.timestamp_delta, record.offset_delta, record.key.data() != nullptr});
  outcome.is_good = !reader.fault();
  return outcome;
}

// The records of a batch, some far larger than the others.
Bytes some_records(Rng& rng, int32_t count) {
  BatchBuilder builder;
  for (int32_t i = 0; i < count; ++i) {
    const Bytes key(rng.below(30)), value(rng.below(10) == 0 ? rng.below(5000) : rng.below(50));
    const std::vector<Header> headers(rng.below(3), {"name", value});
    const auto maybe = [&](const Bytes& bytes) {
      return rng.below(4) == 0 ? std::span<const std::byte>{} : bytes;
    };
    builder.append(
        {static_cast<int64_t>(rng.next() >> rng.below(64)) / 2, maybe(key), maybe(value), headers});
  }
  const Bytes batch = builder.build();
  return {batch.begin() + batch_header_bytes, batch.end()};
}

TEST(RecordScanner, SeesWhatTheReaderSeesThroughAnyBuffer) {
  SeededRng rng(31);
  for (int round = 0; round < 100; ++round) {
    const auto count = static_cast<int32_t>(1 + rng.below(40));
    const Bytes plain = some_records(rng, count);
    const Outcome expected = read(plain, count);
    ASSERT_TRUE(expected.is_good);
    ASSERT_EQ(expected.seen.size(), static_cast<size_t>(count));
    for (const size_t buffer : {20, 21, 64, 1000, 8192, 131'072}) {
      ASSERT_EQ(scan(Codec::none, plain, count, buffer), expected) << buffer;
      for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
        Bytes blob;
        compress(codec, {}, plain, blob);
        ASSERT_EQ(scan(codec, blob, count, buffer), expected) << name_of(codec) << ' ' << buffer;
      }
    }
  }
}

TEST(RecordScanner, IsAsStrictAsTheReader) {
  SeededRng rng(32);
  int good = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto count = static_cast<int32_t>(1 + rng.below(4));
    Bytes plain = some_records(rng, count);
    switch (rng.below(4)) {
      case 0:
        plain.resize(rng.below(plain.size()));
        break;
      case 1:
        plain.push_back(std::byte{0});
        break;
      default:
        plain[rng.below(std::min<size_t>(plain.size(), 60))] = static_cast<std::byte>(rng.next());
    }
    const Outcome expected = read(plain, count);
    good += expected.is_good;
    for (const size_t buffer : {20, 50, 131'072})
      ASSERT_EQ(scan(Codec::none, plain, count, buffer), expected) << round << ' ' << buffer;
  }
  EXPECT_GT(good, 1000);
}

TEST(RecordScanner, RecordsCutAnywhereAreMalformed) {
  SeededRng rng(33);
  const Bytes plain = some_records(rng, 6);
  for (size_t cut = 0; cut < plain.size(); ++cut) {
    const Bytes head(plain.begin(), plain.begin() + static_cast<long>(cut));
    for (const size_t buffer : {20, 131'072}) ASSERT_FALSE(scan(Codec::none, head, 6, buffer).is_good) << cut;
  }
}

TEST(RecordScanner, ALyingCountEndsWithTheBytes) {
  SeededRng rng(34);
  const Bytes plain = some_records(rng, 6);
  EXPECT_FALSE(scan(Codec::none, plain, INT32_MAX, 100).is_good);
  EXPECT_FALSE(scan(Codec::none, plain, 5, 100).is_good);
  EXPECT_FALSE(scan(Codec::none, plain, 0, 100).is_good);
  EXPECT_TRUE(scan(Codec::none, {}, 0, 100).is_good);
}

}  // namespace
}  // namespace kt::record
