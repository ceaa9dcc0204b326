#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// PushTelemetry, key 72: carries a client's metrics. KIP-714.
struct PushTelemetryRequest {
  static constexpr const char* type_name = "PushTelemetryRequest";
  static constexpr int16_t api_key = 72, min_version = 0, max_version = 0, first_flexible = 0;

  Uuid client_instance_id;
  int32_t subscription_id = 0;
  bool terminating = false;
  int8_t compression_type = 0;
  Slice metrics = Slice::empty();
  void fields(Codec& c) {
    c.field("client_instance_id", client_instance_id).field("subscription_id", subscription_id);
    c.field("terminating", terminating).field("compression_type", compression_type);
    c.field("metrics", metrics, always().not_null());
  }
};

/// The answer to PushTelemetry.
struct PushTelemetryResponse {
  static constexpr const char* type_name = "PushTelemetryResponse";
  static constexpr int16_t api_key = 72, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code); }
};

}  // namespace kt::wire
