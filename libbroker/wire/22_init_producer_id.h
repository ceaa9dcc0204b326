#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// InitProducerId, key 22: gives a producer its id and epoch. KIP-98, KIP-360 (v3: resume), KIP-890 (v5),
/// KIP-939 (v6: two-phase commit).
struct InitProducerIdRequest {
  static constexpr const char* type_name = "InitProducerIdRequest";
  static constexpr int16_t api_key = 22, min_version = 0, max_version = 5, first_flexible = 2;

  std::optional<std::string> transactional_id = "";
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  void fields(Codec& c) {
    c.field("transactional_id", transactional_id).field("transaction_timeout_ms", transaction_timeout_ms);
    c.field("producer_id", producer_id, since(3)).field("producer_epoch", producer_epoch, since(3));
  }
};

/// The answer to InitProducerId.
struct InitProducerIdResponse {
  static constexpr const char* type_name = "InitProducerIdResponse";
  static constexpr int16_t api_key = 22, min_version = 0, max_version = 5, first_flexible = 2;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("producer_id", producer_id).field("producer_epoch", producer_epoch);
  }
};

}  // namespace kt::wire
