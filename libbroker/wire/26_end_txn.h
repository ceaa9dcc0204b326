#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// EndTxn, key 26: commits or aborts a transaction. KIP-98, KIP-890 (v5: epoch bump).
struct EndTxnRequest {
  static constexpr const char* type_name = "EndTxnRequest";
  static constexpr int16_t api_key = 26, min_version = 0, max_version = 5, first_flexible = 3;

  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  bool committed = false;
  void fields(Codec& c) {
    c.field("transactional_id", transactional_id).field("producer_id", producer_id);
    c.field("producer_epoch", producer_epoch).field("committed", committed);
  }
};

/// The answer to EndTxn.
struct EndTxnResponse {
  static constexpr const char* type_name = "EndTxnResponse";
  static constexpr int16_t api_key = 26, min_version = 0, max_version = 5, first_flexible = 3;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("producer_id", producer_id, since(5).ignorable());
    c.field("producer_epoch", producer_epoch, since(5).ignorable());
  }
};

}  // namespace kt::wire
