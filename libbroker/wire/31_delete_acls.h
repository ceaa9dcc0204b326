#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DeleteAcls, key 31: removes access rules. KIP-140, KIP-290 (v1: pattern type).
struct DeleteAclsRequest {
  static constexpr const char* type_name = "DeleteAclsRequest";
  static constexpr int16_t api_key = 31, min_version = 1, max_version = 3, first_flexible = 2;

  struct DeleteAclsFilter {
    int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = "";
    int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = "";
    std::optional<std::string> host_filter = "";
    int8_t operation = 0;
    int8_t permission_type = 0;
    void fields(Codec& c) {
      c.field("resource_type_filter", resource_type_filter);
      c.field("resource_name_filter", resource_name_filter);
      c.field("pattern_type_filter", pattern_type_filter).field("principal_filter", principal_filter);
      c.field("host_filter", host_filter).field("operation", operation);
      c.field("permission_type", permission_type);
    }
  };

  std::vector<DeleteAclsFilter> filters;
  void fields(Codec& c) { c.field("filters", filters); }
};

/// The answer to DeleteAcls.
struct DeleteAclsResponse {
  static constexpr const char* type_name = "DeleteAclsResponse";
  static constexpr int16_t api_key = 31, min_version = 1, max_version = 3, first_flexible = 2;

  struct DeleteAclsMatchingAcl {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t pattern_type = 3;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message);
      c.field("resource_type", resource_type).field("resource_name", resource_name);
      c.field("pattern_type", pattern_type).field("principal", principal).field("host", host);
      c.field("operation", operation).field("permission_type", permission_type);
    }
  };

  struct DeleteAclsFilterResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<DeleteAclsMatchingAcl> matching_acls;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message);
      c.field("matching_acls", matching_acls);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DeleteAclsFilterResult> filter_results;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("filter_results", filter_results);
  }
};

}  // namespace kt::wire
