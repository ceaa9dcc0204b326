#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// SaslAuthenticate, key 36: carries SASL tokens. KIP-152, KIP-368 (v1: session lifetime).
struct SaslAuthenticateRequest {
  static constexpr const char* type_name = "SaslAuthenticateRequest";
  static constexpr int16_t api_key = 36, min_version = 0, max_version = 2, first_flexible = 2;

  Slice auth_bytes = Slice::empty();
  void fields(Codec& c) { c.field("auth_bytes", auth_bytes, always().not_null()); }
};

/// The answer to SaslAuthenticate.
struct SaslAuthenticateResponse {
  static constexpr const char* type_name = "SaslAuthenticateResponse";
  static constexpr int16_t api_key = 36, min_version = 0, max_version = 2, first_flexible = 2;

  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  Slice auth_bytes = Slice::empty();
  int64_t session_lifetime_ms = 0;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("error_message", error_message);
    c.field("auth_bytes", auth_bytes, always().not_null());
    c.field("session_lifetime_ms", session_lifetime_ms, since(1).ignorable());
  }
};

}  // namespace kt::wire
