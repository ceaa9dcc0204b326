#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// SaslHandshake, key 17: picks the SASL mechanism of a connection. KIP-43, KIP-152 (v1: tokens travel in
/// SaslAuthenticate).
struct SaslHandshakeRequest {
  static constexpr const char* type_name = "SaslHandshakeRequest";
  static constexpr int16_t api_key = 17, min_version = 0, max_version = 1, first_flexible = 32767;

  std::string mechanism;
  void fields(Codec& c) { c.field("mechanism", mechanism); }
};

/// The answer to SaslHandshake.
struct SaslHandshakeResponse {
  static constexpr const char* type_name = "SaslHandshakeResponse";
  static constexpr int16_t api_key = 17, min_version = 0, max_version = 1, first_flexible = 32767;

  ErrorCode error_code = ErrorCode::none;
  std::vector<std::string> mechanisms;
  void fields(Codec& c) { c.field("error_code", error_code).field("mechanisms", mechanisms); }
};

}  // namespace kt::wire
