#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// SyncGroup, key 14: hands out the assignment that the group's leader made. KIP-345 (v3: static members),
/// KIP-559 (v5: protocol type and name).
struct SyncGroupRequest {
  static constexpr const char* type_name = "SyncGroupRequest";
  static constexpr int16_t api_key = 14, min_version = 0, max_version = 5, first_flexible = 4;

  struct SyncGroupRequestAssignment {
    std::string member_id;
    Slice assignment = Slice::empty();
    void fields(Codec& c) {
      c.field("member_id", member_id).field("assignment", assignment, always().not_null());
    }
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<SyncGroupRequestAssignment> assignments;
  void fields(Codec& c) {
    c.field("group_id", group_id).field("generation_id", generation_id).field("member_id", member_id);
    c.field("group_instance_id", group_instance_id, since(3));
    c.field("protocol_type", protocol_type, since(5).ignorable());
    c.field("protocol_name", protocol_name, since(5).ignorable()).field("assignments", assignments);
  }
};

/// The answer to SyncGroup.
struct SyncGroupResponse {
  static constexpr const char* type_name = "SyncGroupResponse";
  static constexpr int16_t api_key = 14, min_version = 0, max_version = 5, first_flexible = 4;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  Slice assignment = Slice::empty();
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable()).field("error_code", error_code);
    c.field("protocol_type", protocol_type, since(5).ignorable());
    c.field("protocol_name", protocol_name, since(5).ignorable());
    c.field("assignment", assignment, always().not_null());
  }
};

}  // namespace kt::wire
