#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AllocateProducerIds, key 67: gives a broker a block of producer ids. KIP-730.
struct AllocateProducerIdsRequest {
  static constexpr const char* type_name = "AllocateProducerIdsRequest";
  static constexpr int16_t api_key = 67, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  void fields(Codec& c) { c.field("broker_id", broker_id).field("broker_epoch", broker_epoch); }
};

/// The answer to AllocateProducerIds.
struct AllocateProducerIdsResponse {
  static constexpr const char* type_name = "AllocateProducerIdsResponse";
  static constexpr int16_t api_key = 67, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  int64_t producer_id_start = 0;
  int32_t producer_id_len = 0;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("producer_id_start", producer_id_start).field("producer_id_len", producer_id_len);
  }
};

}  // namespace kt::wire
