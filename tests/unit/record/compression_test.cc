#include "libbroker/record/compression.h"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zstd.h>

#include "libbroker/base/rng.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/validator.h"
#include "tests/unit/record/goldens.h"

namespace kt::record {
namespace {

using Bytes = std::vector<std::byte>;

constexpr size_t plenty = 64 << 20;
constexpr Codec all_codecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr Codec compressing_codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

Bytes compressed(Codec codec, const Bytes& bytes, std::optional<int> level = {}) {
  Bytes out;
  compress(codec, level, bytes, out);
  return out;
}

// Everything, read through a buffer of `step` bytes.
Result<Bytes> decompressed(Codec codec, std::span<const std::byte> blob, size_t limit = plenty,
                           size_t step = 4096) {
  Decompressor decompressor;
  if (const auto started = decompressor.start(codec, blob, limit); !started) return fail(started.error());
  Bytes out, buffer(step);
  while (true) {
    const auto count = decompressor.read(buffer);
    if (!count) return fail(count.error());
    if (*count == 0) return out;
    out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<long>(*count));
  }
}
ErrorCode error_of(Codec codec, std::span<const std::byte> blob, size_t limit = plenty) {
  const auto out = decompressed(codec, blob, limit);
  return out ? ErrorCode::none : out.error().code;
}

// Text-like: runs and repeats of random length.
Bytes some_bytes(Rng& rng, size_t size) {
  Bytes bytes;
  while (bytes.size() < size) {
    const size_t count = std::min<size_t>(1 + rng.below(30), size - bytes.size());
    if (rng.below(2) == 0 || bytes.size() < 100) {
      for (size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(rng.next()));
    } else {
      const size_t from = rng.below(bytes.size() - 50);
      for (size_t i = 0; i < count; ++i) bytes.push_back(bytes[from + i]);
    }
  }
  return bytes;
}

TEST(Codec, HasKafkasNames) {
  for (const Codec codec : all_codecs) EXPECT_EQ(codec_named(name_of(codec)), codec);
  EXPECT_EQ(codec_named("uncompressed"), Codec::none);
  EXPECT_EQ(codec_named("producer"), std::nullopt);
  EXPECT_EQ(codec_named("LZ4"), std::nullopt);
}

TEST(Compression, RoundTripsAtEverySizeAndStep) {
  SeededRng rng(21);
  for (const size_t size : {0, 1, 7, 100, 32'767, 32'768, 32'769, 65'536, 65'537, 300'000}) {
    const Bytes bytes = some_bytes(rng, size);
    for (const Codec codec : all_codecs) {
      const Bytes blob = compressed(codec, bytes);
      for (const size_t step : {1, 13, 4096, 65'536, 1'000'000}) {
        if (step < 13 && size > 1000) continue;
        ASSERT_EQ(decompressed(codec, blob, plenty, step), bytes)
            << name_of(codec) << ' ' << size << ' ' << step;
      }
    }
  }
}

TEST(Compression, RoundTripsAtEveryLevel) {
  SeededRng rng(22);
  const Bytes bytes = some_bytes(rng, 20'000);
  for (int level = -1; level <= 9; ++level)
    ASSERT_EQ(decompressed(Codec::gzip, compressed(Codec::gzip, bytes, level)), bytes) << level;
  for (int level = 1; level <= 17; ++level)
    ASSERT_EQ(decompressed(Codec::lz4, compressed(Codec::lz4, bytes, level)), bytes) << level;
  for (const int level : {-131072, -7, 1, 3, 19, 22})
    ASSERT_EQ(decompressed(Codec::zstd, compressed(Codec::zstd, bytes, level)), bytes) << level;
}

TEST(Compression, AppendsToWhatIsThere) {
  for (const Codec codec : all_codecs) {
    Bytes out(3, std::byte{7});
    compress(codec, {}, from_hex("0102030405"), out);
    EXPECT_EQ(Bytes(out.begin(), out.begin() + 3), Bytes(3, std::byte{7}));
    EXPECT_EQ(decompressed(codec, std::span(out).subspan(3)), from_hex("0102030405"));
  }
}

TEST(Compression, ReadsJavasBatches) {
  const Bytes plain = from_hex(golden_plain);
  const Bytes records(plain.begin() + batch_header_bytes, plain.end());
  Decompressor decompressor;
  Bytes scratch;
  for (const char* hex : {golden_plain, golden_gzip, golden_snappy, golden_lz4, golden_zstd}) {
    const Bytes bytes = from_hex(hex);
    const BatchView batch = BatchView::parse(bytes).value();
    ASSERT_TRUE(batch.verify_crc());
    const auto read = plain_records(batch, decompressor, scratch, plenty);
    ASSERT_TRUE(read.has_value()) << name_of(batch.codec());
    EXPECT_EQ(Bytes(read->begin(), read->end()), records) << name_of(batch.codec());
  }
}

TEST(Compression, FramesAsJavaDoes) {
  const Bytes plain = from_hex(golden_plain);
  const Bytes records(plain.begin() + batch_header_bytes, plain.end());
  const auto body = [](const char* hex) {
    const Bytes bytes = from_hex(hex);
    return Bytes(bytes.begin() + batch_header_bytes, bytes.end());
  };
  EXPECT_EQ(compressed(Codec::snappy, records), body(golden_snappy));
  EXPECT_EQ(compressed(Codec::lz4, records), body(golden_lz4));
}

TEST(Compression, ADecompressorIsUsedAgainAfterWhatever) {
  SeededRng rng(23);
  Decompressor decompressor;
  Bytes buffer(1000);
  for (int round = 0; round < 400; ++round) {
    const Codec codec = all_codecs[rng.below(codec_count)];
    const Bytes bytes = some_bytes(rng, rng.below(3000));
    Bytes blob = compressed(codec, bytes);
    const uint64_t how = rng.below(3);
    if (how == 0 && !blob.empty()) blob.resize(rng.below(blob.size()));  // cut off, perhaps an error
    Bytes out;
    if (!decompressor.start(codec, blob, plenty)) continue;
    while (true) {
      const auto count = decompressor.read(buffer);
      if (!count || *count == 0) break;
      out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<long>(*count));
      if (how == 1) break;  // left in the middle
    }
    if (how != 2) continue;
    ASSERT_EQ(out, bytes) << name_of(codec);
  }
}

TEST(Compression, RefusesBlobsCutAnywhere) {
  SeededRng rng(24);
  const Bytes bytes = some_bytes(rng, 70'000);
  for (const Codec codec : compressing_codecs) {
    const Bytes blob = compressed(codec, bytes);
    for (size_t cut = 0; cut < blob.size(); cut += cut < 300 ? 1 : 997) {
      const auto out = decompressed(codec, std::span(blob).first(cut));
      // xerial has no end mark: a cut between blocks shows in the records only
      if (codec == Codec::snappy && out) {
        ASSERT_TRUE(std::equal(out->begin(), out->end(), bytes.begin())) << cut;
        ASSERT_LT(out->size(), bytes.size());
        continue;
      }
      ASSERT_FALSE(out.has_value()) << name_of(codec) << " cut at " << cut;
      ASSERT_EQ(out.error().code, ErrorCode::corrupt_message);
    }
  }
}

TEST(Compression, SurvivesFlippedBytes) {
  SeededRng rng(25);
  const Bytes bytes = some_bytes(rng, 3000);
  for (const Codec codec : compressing_codecs) {
    const Bytes blob = compressed(codec, bytes);
    for (int round = 0; round < 3000; ++round) {
      Bytes broken = blob;
      for (uint64_t changes = 1 + rng.below(3); changes > 0; --changes)
        broken[rng.below(rng.below(2) == 0 ? 24 : broken.size())] = static_cast<std::byte>(rng.next());
      const auto out = decompressed(codec, broken, 100'000);
      ASSERT_LE(out.value_or(Bytes{}).size(), 100'000u);
    }
  }
}

TEST(Compression, RefusesRandomBytes) {
  SeededRng rng(26);
  for (const Codec codec : compressing_codecs)
    for (int round = 0; round < 2000; ++round) {
      Bytes noise(rng.below(200));
      for (std::byte& byte : noise) byte = static_cast<std::byte>(rng.next());
      const bool reads = decompressed(codec, noise, 100'000).has_value();
      ASSERT_TRUE(!reads || codec == Codec::snappy) << "the only one without a magic";
    }
}

TEST(Compression, BombsEndAtTheLimit) {
  const Bytes zeros(20 << 20);
  for (const Codec codec : compressing_codecs) {
    const Bytes blob = compressed(codec, zeros);
    EXPECT_LT(blob.size(), zeros.size() / 15);
    EXPECT_EQ(error_of(codec, blob, 1 << 20), ErrorCode::message_too_large) << name_of(codec);
    EXPECT_EQ(error_of(codec, blob, zeros.size() - 1), ErrorCode::message_too_large) << name_of(codec);
    EXPECT_EQ(error_of(codec, blob, zeros.size()), ErrorCode::none) << name_of(codec);
  }
}

TEST(Compression, CompressedTwiceIsUnpackedOnce) {
  SeededRng rng(27);
  const Bytes bytes = some_bytes(rng, 5000);
  for (const Codec codec : compressing_codecs) {
    const Bytes once = compressed(codec, bytes);
    EXPECT_EQ(decompressed(codec, compressed(codec, once)), once) << name_of(codec);
  }
}

TEST(Gzip, TakesSeveralMembersButNoGarbage) {
  Bytes blob = compressed(Codec::gzip, from_hex("010203"));
  compress(Codec::gzip, {}, from_hex("0405"), blob);
  EXPECT_EQ(decompressed(Codec::gzip, blob), from_hex("0102030405"));
  blob.push_back(std::byte{0});
  EXPECT_EQ(error_of(Codec::gzip, blob), ErrorCode::corrupt_message);
}

TEST(Zstd, TakesSeveralFramesButNoGarbage) {
  Bytes blob = compressed(Codec::zstd, from_hex("010203"));
  compress(Codec::zstd, {}, from_hex("0405"), blob);
  EXPECT_EQ(decompressed(Codec::zstd, blob), from_hex("0102030405"));
  blob.push_back(std::byte{0});
  EXPECT_EQ(error_of(Codec::zstd, blob), ErrorCode::corrupt_message);
}

// librdkafka and klauspost's zstd do not state the content's size.
TEST(Zstd, ReadsStreamsOfUnknownSize) {
  const Bytes bytes(300'000, std::byte{42});
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  Bytes blob(ZSTD_compressBound(bytes.size()));
  blob.resize(ZSTD_compress2(context, blob.data(), blob.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  EXPECT_EQ(decompressed(Codec::zstd, blob), bytes);
  blob.back() ^= std::byte{1};
  EXPECT_EQ(error_of(Codec::zstd, blob), ErrorCode::corrupt_message) << "the checksum is looked at";
}

TEST(Zstd, RefusesAWindowBeyondTheLimit) {
  // magic, descriptor without single segment, window descriptor: 2^(10 + exponent), then an empty last block
  EXPECT_EQ(error_of(Codec::zstd, from_hex("28b52ffd 00 68 010000")), ErrorCode::none) << "8 MiB";
  EXPECT_EQ(error_of(Codec::zstd, from_hex("28b52ffd 00 70 010000"), 1 << 20), ErrorCode::corrupt_message)
      << "16 MiB";
  EXPECT_EQ(error_of(Codec::zstd, from_hex("28b52ffd 00 a8 010000")), ErrorCode::corrupt_message) << "2 GiB";
  const size_t produced_bytes_max = ProduceRules().decompressed_bytes_max;
  EXPECT_EQ(error_of(Codec::zstd, from_hex("28b52ffd 00 88 010000"), produced_bytes_max), ErrorCode::none)
      << "128 MiB, as Java writes at levels 20 to 22";
}

TEST(Lz4, ReadsLargerBlocksAndChecksums) {
  SeededRng rng(28);
  const Bytes bytes = some_bytes(rng, 5'000'000);
  LZ4F_preferences_t preferences = {};
  preferences.frameInfo.blockSizeID = LZ4F_max4MB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
  preferences.frameInfo.contentSize = bytes.size();
  Bytes blob(LZ4F_compressFrameBound(bytes.size(), &preferences));
  blob.resize(LZ4F_compressFrame(blob.data(), blob.size(), bytes.data(), bytes.size(), &preferences));
  EXPECT_EQ(decompressed(Codec::lz4, blob), bytes);
  blob.back() ^= std::byte{1};
  EXPECT_EQ(error_of(Codec::lz4, blob), ErrorCode::corrupt_message) << "the checksum is looked at";
}

TEST(Lz4, RefusesWhatJavaCannotRead) {
  const Bytes bytes(200'000, std::byte{1});
  LZ4F_preferences_t linked = {};
  linked.frameInfo.blockMode = LZ4F_blockLinked;
  Bytes blob(LZ4F_compressFrameBound(bytes.size(), &linked));
  blob.resize(LZ4F_compressFrame(blob.data(), blob.size(), bytes.data(), bytes.size(), &linked));
  EXPECT_EQ(error_of(Codec::lz4, blob), ErrorCode::corrupt_message);

  Bytes two = compressed(Codec::lz4, bytes);
  compress(Codec::lz4, {}, bytes, two);
  EXPECT_EQ(error_of(Codec::lz4, two), ErrorCode::corrupt_message);

  Bytes wrong_header_checksum = compressed(Codec::lz4, bytes);
  wrong_header_checksum[6] ^= std::byte{1};
  EXPECT_EQ(error_of(Codec::lz4, wrong_header_checksum), ErrorCode::corrupt_message);
}

TEST(Snappy, ReadsOneRawBlock) {
  SeededRng rng(29);
  const Bytes bytes = some_bytes(rng, 500'000);
  std::string raw;
  snappy::Compress(reinterpret_cast<const char*>(bytes.data()), bytes.size(), &raw);
  for (const size_t step : {100, 4096, 1'000'000})
    EXPECT_EQ(decompressed(Codec::snappy, std::as_bytes(std::span(raw)), plenty, step), bytes);
  EXPECT_EQ(error_of(Codec::snappy, std::as_bytes(std::span(raw)), bytes.size() - 1),
            ErrorCode::message_too_large);
  EXPECT_EQ(decompressed(Codec::snappy, from_hex("00")), Bytes{});
}

TEST(Snappy, RefusesLyingLengths) {
  EXPECT_EQ(error_of(Codec::snappy, from_hex("ffffffff0f 00 61")), ErrorCode::corrupt_message)
      << "4 GiB from 7 bytes";
  EXPECT_EQ(error_of(Codec::snappy, from_hex("02 00 61")), ErrorCode::corrupt_message) << "2 bytes, 1 there";
  const std::string header = "82534e41505059 00 00000001 00000001";
  EXPECT_EQ(decompressed(Codec::snappy, from_hex(header)), Bytes{}) << "no block";
  EXPECT_EQ(decompressed(Codec::snappy, from_hex(header + "00000003 01 00 61 00000003 01 00 62")),
            from_hex("6162"));
  EXPECT_EQ(error_of(Codec::snappy, from_hex(header + "00000004 01 00 61")), ErrorCode::corrupt_message);
  EXPECT_EQ(error_of(Codec::snappy, from_hex(header + "ffffffff 01 00 61")), ErrorCode::corrupt_message);
  EXPECT_EQ(error_of(Codec::snappy, from_hex(header + "7fffffff 01 00 61")), ErrorCode::corrupt_message);
  EXPECT_EQ(error_of(Codec::snappy, from_hex(header + "000000")), ErrorCode::corrupt_message);
  EXPECT_EQ(error_of(Codec::snappy, from_hex("82534e41505059 00 00000000 00000001")),
            ErrorCode::corrupt_message);
}

}  // namespace
}  // namespace kt::record
