// Every message at every version, against the bytes and the JSON that Apache Kafka's own classes write.
#include "tests/unit/wire/golden.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "libbroker/wire/all_messages.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/header.h"
#include "libbroker/wire/json.h"

namespace kt::wire {
namespace {

/// Calls check<M>(case) for every golden case of every message that lies in kt's versions of it.
template <class Check>
struct EveryCase {
  Check check;
  template <class M>
  void operator()() const {
    for (const GoldenCase& golden : read_golden(M::type_name)) {
      if (golden.version < M::min_version || golden.version > M::max_version) continue;
      SCOPED_TRACE(std::string(M::type_name) + " v" + std::to_string(golden.version) + " " + golden.variant);
      check.template operator()<M>(golden);
    }
  }
};

struct Covered {
  template <class M>
  void operator()() const {
    std::set<int16_t> versions;
    for (const GoldenCase& golden : read_golden(M::type_name)) versions.insert(golden.version);
    for (int16_t version = M::min_version; version <= M::max_version; ++version) {
      EXPECT_TRUE(versions.contains(version)) << M::type_name << " v" << version;
    }
  }
};

TEST(Golden, CoversEveryVersionOfEveryMessage) { visit_messages(Covered{}); }

struct SameBytes {
  template <class M>
  void operator()(const GoldenCase& golden) const {
    Decoder decoder(Slice::view(golden.bytes), golden.version, golden.version >= M::first_flexible);
    M message;
    ASSERT_NO_THROW(decoder.value(message)) << to_hex(golden.bytes);
    EXPECT_EQ(decoder.remaining(), 0u);
    EXPECT_EQ(to_hex(encode_bytes(message, golden.version)), to_hex(golden.bytes));
  }
};

TEST(Golden, DecodesAndEncodesToTheSameBytes) { visit_messages(EveryCase{SameBytes{}}); }

struct SameJson {
  template <class M>
  void operator()(const GoldenCase& golden) const {
    M message;
    ASSERT_NO_THROW(message = decode<M>(Slice::view(golden.bytes), golden.version));
    EXPECT_EQ(to_json(message, golden.version), golden.json);
  }
};

TEST(Golden, PrintsTheSameJson) { visit_messages(EveryCase{SameJson{}}); }

struct RefusesCuts {
  template <class M>
  void operator()(const GoldenCase& golden) const {
    for (size_t cut = 0; cut < golden.bytes.size(); ++cut) {
      EXPECT_THROW(decode<M>(Slice::view(std::span(golden.bytes).first(cut)), golden.version), DecodeError)
          << cut;
    }
  }
};

TEST(Golden, RefusesACutAtEveryByte) { visit_messages(EveryCase{RefusesCuts{}}); }

// Whatever a length, a count or a tag is replaced by, the decoder says so or reads something else; it neither
// reads past the end (the sanitizers watch) nor takes more memory than its budget.
struct SurvivesLies {
  template <class M>
  void operator()(const GoldenCase& golden) const {
    static constexpr std::array<std::array<uint8_t, 5>, 6> lies{{{0x00, 0x00, 0x00, 0x00, 0x00},
                                                                 {0x01, 0x00, 0x00, 0x00, 0x01},
                                                                 {0x7f, 0xff, 0xff, 0xff, 0x7f},
                                                                 {0x80, 0x80, 0x80, 0x80, 0x80},
                                                                 {0xff, 0xff, 0xff, 0xff, 0x0f},
                                                                 {0xff, 0xff, 0xff, 0xfe, 0xff}}};
    const size_t stride = golden.variant == "full" ? 1 : 3;
    for (size_t at = 0; at < golden.bytes.size(); at += stride) {
      for (const auto& lie : lies) {
        std::vector<std::byte> bytes = golden.bytes;
        for (size_t i = 0; i < lie.size() && at + i < bytes.size(); ++i) bytes[at + i] = std::byte{lie[i]};
        try {
          const M message = decode<M>(Slice::view(bytes), golden.version);
          EXPECT_LE(encode_bytes(message, golden.version).size(), bytes.size());
        } catch (const DecodeError&) {
        }
      }
    }
  }
};

TEST(Golden, SurvivesLyingLengthsAndCounts) { visit_messages(EveryCase{SurvivesLies{}}); }

// KIP-482: a tag that this side does not know is skipped. The last byte of a default message is its count of
// tags.
struct SkipsUnknownTags {
  template <class M>
  void operator()(const GoldenCase& golden) const {
    if (golden.variant != "default" || golden.version < M::first_flexible) return;
    ASSERT_EQ(golden.bytes.back(), std::byte{0});
    std::vector<std::byte> bytes = golden.bytes;
    bytes.pop_back();
    const std::vector<std::byte> two_tags = from_hex(
        "02"
        "b960"
        "03"
        "010203"
        "ba60"
        "00");
    bytes.insert(bytes.end(), two_tags.begin(), two_tags.end());
    Decoder decoder(Slice::view(bytes), golden.version, true);
    M message;
    ASSERT_NO_THROW(decoder.value(message));
    EXPECT_EQ(decoder.remaining(), 0u);
    EXPECT_EQ(encode_bytes(message, golden.version), golden.bytes);
    bytes[bytes.size() - 2] = std::byte{0x38};  // the second tag is now below the first
    EXPECT_THROW(decode<M>(Slice::view(bytes), golden.version), DecodeError);
  }
};

TEST(Golden, SkipsUnknownTags) { visit_messages(EveryCase{SkipsUnknownTags{}}); }

TEST(Golden, RequestHeaders) {
  for (const GoldenCase& golden : read_golden("RequestHeader")) {
    SCOPED_TRACE("v" + std::to_string(golden.version) + " " + golden.variant);
    const Api api{.key = ApiKey::produce,
                  .first_flexible = static_cast<int16_t>(golden.version == 2 ? 0 : 32767)};
    const RequestHeader header = decode_request_header(Slice::view(golden.bytes), api);
    EXPECT_EQ(header.bytes, golden.bytes.size());
    if (golden.variant != "full") continue;
    EXPECT_EQ(header.api_key, 257);
    EXPECT_EQ(header.api_version, 258);
    EXPECT_EQ(header.correlation_id, -16908291);
    EXPECT_EQ(header.client_id, "s4");
    Encoder encoder(0, false);
    encoder.request_header(header.api_key, header.api_version, header.correlation_id, header.client_id);
    if (golden.version == 2) encoder.unsigned_varint(0);
    EXPECT_EQ(to_hex(encoder.take_bytes()), to_hex(golden.bytes));
  }
}

}  // namespace
}  // namespace kt::wire
