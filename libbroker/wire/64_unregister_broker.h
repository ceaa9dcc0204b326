#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// UnregisterBroker, key 64: forgets a broker's registration. KIP-631.
struct UnregisterBrokerRequest {
  static constexpr const char* type_name = "UnregisterBrokerRequest";
  static constexpr int16_t api_key = 64, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t broker_id = 0;
  void fields(Codec& c) { c.field("broker_id", broker_id); }
};

/// The answer to UnregisterBroker.
struct UnregisterBrokerResponse {
  static constexpr const char* type_name = "UnregisterBrokerResponse";
  static constexpr int16_t api_key = 64, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message);
  }
};

}  // namespace kt::wire
