#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeConfigs, key 32: shows the configuration of resources. KIP-133, KIP-226 (v1: synonyms), KIP-569
/// (v3: types and documentation).
struct DescribeConfigsRequest {
  static constexpr const char* type_name = "DescribeConfigsRequest";
  static constexpr int16_t api_key = 32, min_version = 1, max_version = 4, first_flexible = 4;

  struct DescribeConfigsResource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};
    void fields(Codec& c) {
      c.field("resource_type", resource_type).field("resource_name", resource_name);
      c.field("configuration_keys", configuration_keys);
    }
  };

  std::vector<DescribeConfigsResource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;
  void fields(Codec& c) {
    c.field("resources", resources).field("include_synonyms", include_synonyms);
    c.field("include_documentation", include_documentation, since(3));
  }
};

/// The answer to DescribeConfigs.
struct DescribeConfigsResponse {
  static constexpr const char* type_name = "DescribeConfigsResponse";
  static constexpr int16_t api_key = 32, min_version = 1, max_version = 4, first_flexible = 4;

  struct DescribeConfigsSynonym {
    std::string name;
    std::optional<std::string> value = "";
    int8_t source = 0;
    void fields(Codec& c) { c.field("name", name).field("value", value).field("source", source); }
  };

  struct DescribeConfigsResourceResult {
    std::string name;
    std::optional<std::string> value = "";
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms;
    int8_t config_type = 0;
    std::optional<std::string> documentation = "";
    void fields(Codec& c) {
      c.field("name", name).field("value", value).field("read_only", read_only);
      c.field("config_source", config_source).field("is_sensitive", is_sensitive);
      c.field("synonyms", synonyms).field("config_type", config_type, since(3).ignorable());
      c.field("documentation", documentation, since(3).ignorable());
    }
  };

  struct DescribeConfigsResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<DescribeConfigsResourceResult> configs;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message);
      c.field("resource_type", resource_type).field("resource_name", resource_name);
      c.field("configs", configs);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DescribeConfigsResult> results;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("results", results); }
};

}  // namespace kt::wire
