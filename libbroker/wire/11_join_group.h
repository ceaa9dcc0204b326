#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// JoinGroup, key 11: enters a member into a group's next generation. KIP-62 (v1: rebalance timeout),
/// KIP-394 (v4: member id first), KIP-345 (v5: static members), KIP-559 (v7: protocol type), KIP-800 (v8:
/// reason), KIP-814 (v9: skip assignment).
struct JoinGroupRequest {
  static constexpr const char* type_name = "JoinGroupRequest";
  static constexpr int16_t api_key = 11, min_version = 0, max_version = 9, first_flexible = 6;

  struct JoinGroupRequestProtocol {
    std::string name;
    Slice metadata = Slice::empty();
    void fields(Codec& c) { c.field("name", name).field("metadata", metadata, always().not_null()); }
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<JoinGroupRequestProtocol> protocols;
  std::optional<std::string> reason;
  void fields(Codec& c) {
    c.field("group_id", group_id).field("session_timeout_ms", session_timeout_ms);
    c.field("rebalance_timeout_ms", rebalance_timeout_ms, since(1).ignorable());
    c.field("member_id", member_id).field("group_instance_id", group_instance_id, since(5));
    c.field("protocol_type", protocol_type).field("protocols", protocols);
    c.field("reason", reason, since(8).ignorable());
  }
};

/// The answer to JoinGroup.
struct JoinGroupResponse {
  static constexpr const char* type_name = "JoinGroupResponse";
  static constexpr int16_t api_key = 11, min_version = 0, max_version = 9, first_flexible = 6;

  struct JoinGroupResponseMember {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    Slice metadata = Slice::empty();
    void fields(Codec& c) {
      c.field("member_id", member_id).field("group_instance_id", group_instance_id, since(5).ignorable());
      c.field("metadata", metadata, always().not_null());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name = "";
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<JoinGroupResponseMember> members;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(2).ignorable()).field("error_code", error_code);
    c.field("generation_id", generation_id).field("protocol_type", protocol_type, since(7).ignorable());
    c.field("protocol_name", protocol_name, always().nullable(7, 9)).field("leader", leader);
    c.field("skip_assignment", skip_assignment, since(9)).field("member_id", member_id);
    c.field("members", members);
  }
};

}  // namespace kt::wire
