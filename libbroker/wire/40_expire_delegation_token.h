#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ExpireDelegationToken, key 40: ends a delegation token. KIP-48.
struct ExpireDelegationTokenRequest {
  static constexpr const char* type_name = "ExpireDelegationTokenRequest";
  static constexpr int16_t api_key = 40, min_version = 1, max_version = 2, first_flexible = 2;

  Slice hmac = Slice::empty();
  int64_t expiry_time_period_ms = 0;
  void fields(Codec& c) {
    c.field("hmac", hmac, always().not_null()).field("expiry_time_period_ms", expiry_time_period_ms);
  }
};

/// The answer to ExpireDelegationToken.
struct ExpireDelegationTokenResponse {
  static constexpr const char* type_name = "ExpireDelegationTokenResponse";
  static constexpr int16_t api_key = 40, min_version = 1, max_version = 2, first_flexible = 2;

  ErrorCode error_code = ErrorCode::none;
  int64_t expiry_timestamp_ms = 0;
  int32_t throttle_time_ms = 0;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("expiry_timestamp_ms", expiry_timestamp_ms);
    c.field("throttle_time_ms", throttle_time_ms);
  }
};

}  // namespace kt::wire
