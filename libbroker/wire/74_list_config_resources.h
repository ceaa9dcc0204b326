#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ListConfigResources, key 74: lists resources that have configuration. KIP-714, KIP-1142 (v1: all types).
struct ListConfigResourcesRequest {
  static constexpr const char* type_name = "ListConfigResourcesRequest";
  static constexpr int16_t api_key = 74, min_version = 0, max_version = 1, first_flexible = 0;

  std::vector<int8_t> resource_types;
  void fields(Codec& c) { c.field("resource_types", resource_types, since(1)); }
};

/// The answer to ListConfigResources.
struct ListConfigResourcesResponse {
  static constexpr const char* type_name = "ListConfigResourcesResponse";
  static constexpr int16_t api_key = 74, min_version = 0, max_version = 1, first_flexible = 0;

  struct ConfigResource {
    std::string resource_name;
    int8_t resource_type = 16;
    void fields(Codec& c) {
      c.field("resource_name", resource_name).field("resource_type", resource_type, since(1).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ConfigResource> config_resources;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("config_resources", config_resources);
  }
};

}  // namespace kt::wire
