#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// BrokerHeartbeat, key 63: keeps a broker's registration alive. KIP-631, KIP-858 (v1: offline directories).
struct BrokerHeartbeatRequest {
  static constexpr const char* type_name = "BrokerHeartbeatRequest";
  static constexpr int16_t api_key = 63, min_version = 0, max_version = 1, first_flexible = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("broker_epoch", broker_epoch);
    c.field("current_metadata_offset", current_metadata_offset).field("want_fence", want_fence);
    c.field("want_shut_down", want_shut_down).tagged(0, "offline_log_dirs", offline_log_dirs, since(1));
  }
};

/// The answer to BrokerHeartbeat.
struct BrokerHeartbeatResponse {
  static constexpr const char* type_name = "BrokerHeartbeatResponse";
  static constexpr int16_t api_key = 63, min_version = 0, max_version = 1, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("is_caught_up", is_caught_up).field("is_fenced", is_fenced);
    c.field("should_shut_down", should_shut_down);
  }
};

}  // namespace kt::wire
