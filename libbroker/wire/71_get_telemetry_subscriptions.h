#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// GetTelemetrySubscriptions, key 71: tells a client which metrics are wanted of it. KIP-714.
struct GetTelemetrySubscriptionsRequest {
  static constexpr const char* type_name = "GetTelemetrySubscriptionsRequest";
  static constexpr int16_t api_key = 71, min_version = 0, max_version = 0, first_flexible = 0;

  Uuid client_instance_id;
  void fields(Codec& c) { c.field("client_instance_id", client_instance_id); }
};

/// The answer to GetTelemetrySubscriptions.
struct GetTelemetrySubscriptionsResponse {
  static constexpr const char* type_name = "GetTelemetrySubscriptionsResponse";
  static constexpr int16_t api_key = 71, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  Uuid client_instance_id;
  int32_t subscription_id = 0;
  std::vector<int8_t> accepted_compression_types;
  int32_t push_interval_ms = 0;
  int32_t telemetry_max_bytes = 0;
  bool delta_temporality = false;
  std::vector<std::string> requested_metrics;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("client_instance_id", client_instance_id).field("subscription_id", subscription_id);
    c.field("accepted_compression_types", accepted_compression_types);
    c.field("push_interval_ms", push_interval_ms).field("telemetry_max_bytes", telemetry_max_bytes);
    c.field("delta_temporality", delta_temporality).field("requested_metrics", requested_metrics);
  }
};

}  // namespace kt::wire
