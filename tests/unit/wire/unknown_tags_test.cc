// Tags that this build does not know are passed over, up to a limit (CVE-2026-111115: a flood of them was
// kept).
#include <gtest/gtest.h>

#include "libbroker/wire/18_api_versions.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/header.h"

namespace kt::wire {
namespace {

constexpr uint32_t tags_max = 64;
constexpr int16_t version = 3;

/// A tagged section of so many empty fields, from `first` on.
void write_tags(Encoder& encoder, uint32_t count, uint32_t first) {
  encoder.unsigned_varint(count);
  for (uint32_t tag = first; tag < first + count; ++tag) {
    encoder.unsigned_varint(tag);
    encoder.unsigned_varint(0);
  }
}

std::vector<std::byte> request_with_tags(uint32_t count) {
  Encoder encoder(version, true);
  std::string text = "kt";
  encoder.value(text);
  encoder.value(text);
  write_tags(encoder, count, 1000);
  return encoder.take_bytes();
}

TEST(UnknownTags, OfAStructArePassedOverUpToALimit) {
  const auto most = request_with_tags(tags_max), too_many = request_with_tags(tags_max + 1);
  EXPECT_EQ(decode<ApiVersionsRequest>(Slice::view(most), version).client_software_name, "kt");
  EXPECT_THROW(decode<ApiVersionsRequest>(Slice::view(too_many), version), DecodeError);
}

TEST(UnknownTags, OfAHeaderArePassedOverUpToALimit) {
  const Api& api = *find_api(ApiVersionsRequest::api_key);
  for (const uint32_t count : {tags_max, tags_max + 1, 20'000'000u}) {
    Encoder encoder(0, false);
    encoder.request_header(ApiVersionsRequest::api_key, version, 7, "kt");
    if (count <= tags_max + 1) {
      write_tags(encoder, count, 0);
    } else {  // only the count is there, and is not believed
      encoder.unsigned_varint(count);
    }
    const auto frame = encoder.take_bytes();
    if (count == tags_max)
      EXPECT_EQ(decode_request_header(Slice::view(frame), api).bytes, frame.size());
    else
      EXPECT_THROW(decode_request_header(Slice::view(frame), api), DecodeError);
  }
}

TEST(UnknownTags, BehindAKnownOneAreCountedWithIt) {
  const auto answer = [](uint32_t unknown) {
    ApiVersionsResponse message{.finalized_features_epoch = 5};
    std::vector<std::byte> bytes = encode_bytes(message, version);
    constexpr size_t epoch_tag_bytes = 10;  // tag, size, int64; the section's count before it is one byte
    bytes[bytes.size() - epoch_tag_bytes - 1] = std::byte(1 + unknown);
    Encoder encoder(version, true);
    write_tags(encoder, unknown, 1000);
    const auto section = encoder.take_bytes();
    bytes.insert(bytes.end(), section.begin() + 1, section.end());
    return bytes;
  };
  const auto most = answer(tags_max - 1), too_many = answer(tags_max);
  EXPECT_EQ(decode<ApiVersionsResponse>(Slice::view(most), version).finalized_features_epoch, 5);
  EXPECT_THROW(decode<ApiVersionsResponse>(Slice::view(too_many), version), DecodeError);
}

}  // namespace
}  // namespace kt::wire
