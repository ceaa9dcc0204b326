#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Heartbeat, key 12: keeps a member's session, and tells it of a rebalance. KIP-345 (v3: static members).
struct HeartbeatRequest {
  static constexpr const char* type_name = "HeartbeatRequest";
  static constexpr int16_t api_key = 12, min_version = 0, max_version = 4, first_flexible = 4;

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  void fields(Codec& c) {
    c.field("group_id", group_id).field("generation_id", generation_id).field("member_id", member_id);
    c.field("group_instance_id", group_instance_id, since(3));
  }
};

/// The answer to Heartbeat.
struct HeartbeatResponse {
  static constexpr const char* type_name = "HeartbeatResponse";
  static constexpr int16_t api_key = 12, min_version = 0, max_version = 4, first_flexible = 4;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable()).field("error_code", error_code);
  }
};

}  // namespace kt::wire
