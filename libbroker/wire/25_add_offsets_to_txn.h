#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AddOffsetsToTxn, key 25: adds a group's offsets to a transaction. KIP-98.
struct AddOffsetsToTxnRequest {
  static constexpr const char* type_name = "AddOffsetsToTxnRequest";
  static constexpr int16_t api_key = 25, min_version = 0, max_version = 4, first_flexible = 3;

  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  std::string group_id;
  void fields(Codec& c) {
    c.field("transactional_id", transactional_id).field("producer_id", producer_id);
    c.field("producer_epoch", producer_epoch).field("group_id", group_id);
  }
};

/// The answer to AddOffsetsToTxn.
struct AddOffsetsToTxnResponse {
  static constexpr const char* type_name = "AddOffsetsToTxnResponse";
  static constexpr int16_t api_key = 25, min_version = 0, max_version = 4, first_flexible = 3;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code); }
};

}  // namespace kt::wire
