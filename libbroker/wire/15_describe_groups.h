#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeGroups, key 15: shows the state and members of groups. KIP-430 (v3: authorized operations),
/// KIP-345 (v4: static members), KIP-1043 (v6: error message).
struct DescribeGroupsRequest {
  static constexpr const char* type_name = "DescribeGroupsRequest";
  static constexpr int16_t api_key = 15, min_version = 0, max_version = 6, first_flexible = 5;

  std::vector<std::string> groups;
  bool include_authorized_operations = false;
  void fields(Codec& c) {
    c.field("groups", groups);
    c.field("include_authorized_operations", include_authorized_operations, since(3));
  }
};

/// The answer to DescribeGroups.
struct DescribeGroupsResponse {
  static constexpr const char* type_name = "DescribeGroupsResponse";
  static constexpr int16_t api_key = 15, min_version = 0, max_version = 6, first_flexible = 5;

  struct DescribedGroupMember {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    Slice member_metadata = Slice::empty();
    Slice member_assignment = Slice::empty();
    void fields(Codec& c) {
      c.field("member_id", member_id).field("group_instance_id", group_instance_id, since(4).ignorable());
      c.field("client_id", client_id).field("client_host", client_host);
      c.field("member_metadata", member_metadata, always().not_null());
      c.field("member_assignment", member_assignment, always().not_null());
    }
  };

  struct DescribedGroup {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<DescribedGroupMember> members;
    int32_t authorized_operations = INT32_MIN;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message, since(6));
      c.field("group_id", group_id).field("group_state", group_state).field("protocol_type", protocol_type);
      c.field("protocol_data", protocol_data).field("members", members);
      c.field("authorized_operations", authorized_operations, since(3));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable()).field("groups", groups);
  }
};

}  // namespace kt::wire
