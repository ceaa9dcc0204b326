#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DeleteGroups, key 42: deletes empty groups. KIP-229.
struct DeleteGroupsRequest {
  static constexpr const char* type_name = "DeleteGroupsRequest";
  static constexpr int16_t api_key = 42, min_version = 0, max_version = 2, first_flexible = 2;

  std::vector<std::string> groups_names;
  void fields(Codec& c) { c.field("groups_names", groups_names); }
};

/// The answer to DeleteGroups.
struct DeleteGroupsResponse {
  static constexpr const char* type_name = "DeleteGroupsResponse";
  static constexpr int16_t api_key = 42, min_version = 0, max_version = 2, first_flexible = 2;

  struct DeletableGroupResult {
    std::string group_id;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("group_id", group_id).field("error_code", error_code); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DeletableGroupResult> results;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("results", results); }
};

}  // namespace kt::wire
