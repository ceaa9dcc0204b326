#include "libbroker/record/control.h"

#include <gtest/gtest.h>

#include "libbroker/record/batch_builder.h"
#include "tests/unit/record/goldens.h"

namespace kt::record {
namespace {

Result<std::optional<EndMarker>> decoded(const std::vector<std::byte>& bytes) {
  return decode_end_marker(BatchView::parse(bytes).value());
}

std::vector<std::byte> control_batch(const char* key_hex, const char* value_hex) {
  BatchBuilder builder({.producer_id = 1, .producer_epoch = 0, .is_control = true});
  const auto key = from_hex(key_hex), value = from_hex(value_hex);
  builder.append({5, key, value});
  return builder.build();
}

TEST(Control, ReadsJavasMarkers) {
  const auto commit = decoded(from_hex(golden_commit));
  ASSERT_TRUE(commit.has_value() && commit->has_value());
  EXPECT_TRUE((*commit)->is_commit);
  EXPECT_EQ((*commit)->coordinator_epoch, 17);
  EXPECT_EQ((*commit)->timestamp, golden_timestamp);
  const auto abort = decoded(from_hex(golden_abort));
  ASSERT_TRUE(abort.has_value() && abort->has_value());
  EXPECT_FALSE((*abort)->is_commit);
}

TEST(Control, KeysRoundTrip) {
  for (int16_t type = 0; type <= 6; ++type) {
    const auto key = encode_control_key(static_cast<ControlType>(type));
    EXPECT_EQ(decode_control_key(key), static_cast<ControlType>(type));
    for (size_t cut = 0; cut < key.size(); ++cut)
      EXPECT_EQ(decode_control_key(std::span(key).first(cut)), std::nullopt);
  }
  EXPECT_EQ(decode_control_key(from_hex("00000007")), std::nullopt);
  EXPECT_EQ(decode_control_key(from_hex("0000ffff")), std::nullopt);
  EXPECT_EQ(decode_control_key(from_hex("ffff0000")), std::nullopt);
  EXPECT_EQ(decode_control_key(from_hex("0001000105")), ControlType::commit)
      << "a later version with more in it";
}

TEST(Control, RefusesWhatIsNoMarker) {
  EXPECT_TRUE(decoded(control_batch("00000001", "0000 00000011")).has_value());
  EXPECT_TRUE(decoded(control_batch("00000001", "0001 00000011 00")).has_value()) << "a later version";
  EXPECT_EQ(decoded(control_batch("00000002", "0000 00000011")).error().code, ErrorCode::corrupt_message);
  EXPECT_EQ(decoded(control_batch("", "0000 00000011")).error().code, ErrorCode::corrupt_message);
  EXPECT_EQ(decoded(control_batch("00000001", "0000 000000")).error().code, ErrorCode::corrupt_message);
  EXPECT_EQ(decoded(control_batch("00000001", "ffff 00000011")).error().code, ErrorCode::corrupt_message);
}

}  // namespace
}  // namespace kt::record
