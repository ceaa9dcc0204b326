// Every message at every version, against the bytes and the JSON that Apache Kafka's own classes write.
#include "tests/unit/wire/golden.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/header.h"
#include "tests/support/cases.h"
#include "tests/support/messages.h"

namespace kt::wire {
namespace {

/// Calls check(type, case) for every golden case of every message that lies in kt's versions of it.
template <class Check>
void for_every_case(const Check& check) {
  for (const test::MessageType& type : test::message_types()) {
    for (const GoldenCase& golden : read_golden(std::string(type.name))) {
      if (!type.has(golden.version)) continue;
      SCOPED_TRACE(type.at(golden.version) + " " + golden.variant);
      check(type, golden);
    }
  }
}

TEST(Golden, CoversEveryVersionOfEveryMessage) {
  for (const test::MessageType& type : test::message_types()) {
    std::set<int16_t> versions;
    for (const GoldenCase& golden : read_golden(std::string(type.name))) versions.insert(golden.version);
    for (int16_t version = type.min_version; version <= type.max_version; ++version)
      EXPECT_TRUE(versions.contains(version)) << type.at(version);
  }
}

TEST(Golden, DecodesAndEncodesToTheSameBytes) {
  for_every_case([](const test::MessageType& type, const GoldenCase& golden) {
    Decoder decoder(Slice::view(golden.bytes), golden.version, type.is_flexible(golden.version));
    const auto message = type.make();
    ASSERT_NO_THROW(message->visit(decoder)) << to_hex(golden.bytes);
    EXPECT_EQ(decoder.remaining(), 0u);
    EXPECT_EQ(to_hex(type.encode(*message, golden.version)), to_hex(golden.bytes));
  });
}

TEST(Golden, PrintsTheSameJson) {
  for_every_case([](const test::MessageType& type, const GoldenCase& golden) {
    const auto message = type.decode(Slice::view(golden.bytes), golden.version);
    EXPECT_EQ(type.to_json(*message, golden.version), golden.json);
  });
}

TEST(Golden, RefusesACutAtEveryByte) {
  for_every_case([](const test::MessageType& type, const GoldenCase& golden) {
    for (size_t cut = 0; cut < golden.bytes.size(); ++cut) {
      EXPECT_THROW(type.decode(Slice::view(std::span(golden.bytes).first(cut)), golden.version), DecodeError)
          << cut;
    }
  });
}

// Whatever a length, a count or a tag is replaced by, the decoder says so or reads something else; it neither
// reads past the end (the sanitizers watch) nor takes more memory than its budget.
TEST(Golden, SurvivesLyingLengthsAndCounts) {
  static constexpr std::array<std::array<uint8_t, 5>, 6> lies{{{0x00, 0x00, 0x00, 0x00, 0x00},
                                                               {0x01, 0x00, 0x00, 0x00, 0x01},
                                                               {0x7f, 0xff, 0xff, 0xff, 0x7f},
                                                               {0x80, 0x80, 0x80, 0x80, 0x80},
                                                               {0xff, 0xff, 0xff, 0xff, 0x0f},
                                                               {0xff, 0xff, 0xff, 0xfe, 0xff}}};
  for_every_case([](const test::MessageType& type, const GoldenCase& golden) {
    const size_t stride = test::one_in(5) * (golden.variant == "full" ? 1 : 3);
    for (size_t at = 0; at < golden.bytes.size(); at += stride) {
      for (const auto& lie : lies) {
        std::vector<std::byte> bytes = golden.bytes;
        for (size_t i = 0; i < lie.size() && at + i < bytes.size(); ++i) bytes[at + i] = std::byte{lie[i]};
        try {
          const auto message = type.decode(Slice::view(bytes), golden.version);
          EXPECT_LE(type.encode(*message, golden.version).size(), bytes.size());
        } catch (const DecodeError&) {
        }
      }
    }
  });
}

// KIP-482: a tag that this side does not know is skipped. The last byte of a default message is its count of
// tags.
TEST(Golden, SkipsUnknownTags) {
  const std::vector<std::byte> two_tags = from_hex(
      "02"
      "b960"
      "03"
      "010203"
      "ba60"
      "00");
  for_every_case([&](const test::MessageType& type, const GoldenCase& golden) {
    if (golden.variant != "default" || !type.is_flexible(golden.version)) return;
    ASSERT_EQ(golden.bytes.back(), std::byte{0});
    std::vector<std::byte> bytes = golden.bytes;
    bytes.pop_back();
    bytes.insert(bytes.end(), two_tags.begin(), two_tags.end());
    Decoder decoder(Slice::view(bytes), golden.version, true);
    const auto message = type.make();
    ASSERT_NO_THROW(message->visit(decoder));
    EXPECT_EQ(decoder.remaining(), 0u);
    EXPECT_EQ(type.encode(*message, golden.version), golden.bytes);
    bytes[bytes.size() - 2] = std::byte{0x38};  // the second tag is now below the first
    EXPECT_THROW(type.decode(Slice::view(bytes), golden.version), DecodeError);
  });
}

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
