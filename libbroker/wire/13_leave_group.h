#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// LeaveGroup, key 13: takes members out of a group. KIP-345 (v3: many members), KIP-800 (v5: reason).
struct LeaveGroupRequest {
  static constexpr const char* type_name = "LeaveGroupRequest";
  static constexpr int16_t api_key = 13, min_version = 0, max_version = 5, first_flexible = 4;

  struct MemberIdentity {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;
    void fields(Codec& c) {
      c.field("member_id", member_id).field("group_instance_id", group_instance_id);
      c.field("reason", reason, since(5).ignorable());
    }
  };

  std::string group_id;
  std::string member_id;
  std::vector<MemberIdentity> members;
  void fields(Codec& c) {
    c.field("group_id", group_id).field("member_id", member_id, between(0, 2));
    c.field("members", members, since(3));
  }
};

/// The answer to LeaveGroup.
struct LeaveGroupResponse {
  static constexpr const char* type_name = "LeaveGroupResponse";
  static constexpr int16_t api_key = 13, min_version = 0, max_version = 5, first_flexible = 4;

  struct MemberResponse {
    std::string member_id;
    std::optional<std::string> group_instance_id = "";
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) {
      c.field("member_id", member_id).field("group_instance_id", group_instance_id);
      c.field("error_code", error_code);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<MemberResponse> members;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable()).field("error_code", error_code);
    c.field("members", members, since(3));
  }
};

}  // namespace kt::wire
