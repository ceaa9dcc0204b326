#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// IncrementalAlterConfigs, key 44: changes single configuration values. KIP-339.
struct IncrementalAlterConfigsRequest {
  static constexpr const char* type_name = "IncrementalAlterConfigsRequest";
  static constexpr int16_t api_key = 44, min_version = 0, max_version = 1, first_flexible = 1;

  struct AlterableConfig {
    std::string name;
    int8_t config_operation = 0;
    std::optional<std::string> value = "";
    void fields(Codec& c) {
      c.field("name", name).field("config_operation", config_operation).field("value", value);
    }
  };

  struct AlterConfigsResource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<AlterableConfig> configs;
    void fields(Codec& c) {
      c.field("resource_type", resource_type).field("resource_name", resource_name);
      c.field("configs", configs);
    }
  };

  std::vector<AlterConfigsResource> resources;
  bool validate_only = false;
  void fields(Codec& c) { c.field("resources", resources).field("validate_only", validate_only); }
};

/// The answer to IncrementalAlterConfigs.
struct IncrementalAlterConfigsResponse {
  static constexpr const char* type_name = "IncrementalAlterConfigsResponse";
  static constexpr int16_t api_key = 44, min_version = 0, max_version = 1, first_flexible = 1;

  struct AlterConfigsResourceResponse {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    int8_t resource_type = 0;
    std::string resource_name;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message);
      c.field("resource_type", resource_type).field("resource_name", resource_name);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("responses", responses); }
};

}  // namespace kt::wire
