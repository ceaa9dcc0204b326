#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Envelope, key 58: forwards a client's request to the controller. KIP-590.
struct EnvelopeRequest {
  static constexpr const char* type_name = "EnvelopeRequest";
  static constexpr int16_t api_key = 58, min_version = 0, max_version = 0, first_flexible = 0;

  Slice request_data = Slice::empty();
  Slice request_principal = Slice::empty();
  Slice client_host_address = Slice::empty();
  void fields(Codec& c) {
    c.field("request_data", request_data, always().not_null()).field("request_principal", request_principal);
    c.field("client_host_address", client_host_address, always().not_null());
  }
};

/// The answer to Envelope.
struct EnvelopeResponse {
  static constexpr const char* type_name = "EnvelopeResponse";
  static constexpr int16_t api_key = 58, min_version = 0, max_version = 0, first_flexible = 0;

  Slice response_data;
  ErrorCode error_code = ErrorCode::none;
  void fields(Codec& c) { c.field("response_data", response_data).field("error_code", error_code); }
};

}  // namespace kt::wire
