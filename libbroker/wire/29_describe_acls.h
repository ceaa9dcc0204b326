#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeAcls, key 29: lists access rules. KIP-140, KIP-290 (v1: pattern type).
struct DescribeAclsRequest {
  static constexpr const char* type_name = "DescribeAclsRequest";
  static constexpr int16_t api_key = 29, min_version = 1, max_version = 3, first_flexible = 2;

  int8_t resource_type_filter = 0;
  std::optional<std::string> resource_name_filter = "";
  int8_t pattern_type_filter = 3;
  std::optional<std::string> principal_filter = "";
  std::optional<std::string> host_filter = "";
  int8_t operation = 0;
  int8_t permission_type = 0;
  void fields(Codec& c) {
    c.field("resource_type_filter", resource_type_filter);
    c.field("resource_name_filter", resource_name_filter).field("pattern_type_filter", pattern_type_filter);
    c.field("principal_filter", principal_filter).field("host_filter", host_filter);
    c.field("operation", operation).field("permission_type", permission_type);
  }
};

/// The answer to DescribeAcls.
struct DescribeAclsResponse {
  static constexpr const char* type_name = "DescribeAclsResponse";
  static constexpr int16_t api_key = 29, min_version = 1, max_version = 3, first_flexible = 2;

  struct AclDescription {
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;
    void fields(Codec& c) {
      c.field("principal", principal).field("host", host).field("operation", operation);
      c.field("permission_type", permission_type);
    }
  };

  struct DescribeAclsResource {
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t pattern_type = 3;
    std::vector<AclDescription> acls;
    void fields(Codec& c) {
      c.field("resource_type", resource_type).field("resource_name", resource_name);
      c.field("pattern_type", pattern_type).field("acls", acls);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<DescribeAclsResource> resources;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("resources", resources);
  }
};

}  // namespace kt::wire
