#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// CreateAcls, key 30: adds access rules. KIP-140, KIP-290 (v1: pattern type).
struct CreateAclsRequest {
  static constexpr const char* type_name = "CreateAclsRequest";
  static constexpr int16_t api_key = 30, min_version = 1, max_version = 3, first_flexible = 2;

  struct AclCreation {
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t resource_pattern_type = 3;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;
    void fields(Codec& c) {
      c.field("resource_type", resource_type).field("resource_name", resource_name);
      c.field("resource_pattern_type", resource_pattern_type).field("principal", principal);
      c.field("host", host).field("operation", operation).field("permission_type", permission_type);
    }
  };

  std::vector<AclCreation> creations;
  void fields(Codec& c) { c.field("creations", creations); }
};

/// The answer to CreateAcls.
struct CreateAclsResponse {
  static constexpr const char* type_name = "CreateAclsResponse";
  static constexpr int16_t api_key = 30, min_version = 1, max_version = 3, first_flexible = 2;

  struct AclCreationResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    void fields(Codec& c) { c.field("error_code", error_code).field("error_message", error_message); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<AclCreationResult> results;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("results", results); }
};

}  // namespace kt::wire
