#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ListGroups, key 16: lists the groups a broker coordinates. KIP-518 (v4: states), KIP-848 (v5: types).
struct ListGroupsRequest {
  static constexpr const char* type_name = "ListGroupsRequest";
  static constexpr int16_t api_key = 16, min_version = 0, max_version = 5, first_flexible = 3;

  std::vector<std::string> states_filter;
  std::vector<std::string> types_filter;
  void fields(Codec& c) {
    c.field("states_filter", states_filter, since(4)).field("types_filter", types_filter, since(5));
  }
};

/// The answer to ListGroups.
struct ListGroupsResponse {
  static constexpr const char* type_name = "ListGroupsResponse";
  static constexpr int16_t api_key = 16, min_version = 0, max_version = 5, first_flexible = 3;

  struct ListedGroup {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;
    void fields(Codec& c) {
      c.field("group_id", group_id).field("protocol_type", protocol_type);
      c.field("group_state", group_state, since(4).ignorable());
      c.field("group_type", group_type, since(5).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ListedGroup> groups;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable()).field("error_code", error_code);
    c.field("groups", groups);
  }
};

}  // namespace kt::wire
