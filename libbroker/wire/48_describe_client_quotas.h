#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeClientQuotas, key 48: lists client quotas. KIP-546.
struct DescribeClientQuotasRequest {
  static constexpr const char* type_name = "DescribeClientQuotasRequest";
  static constexpr int16_t api_key = 48, min_version = 0, max_version = 1, first_flexible = 1;

  struct ComponentData {
    std::string entity_type;
    int8_t match_type = 0;
    std::optional<std::string> match = "";
    void fields(Codec& c) {
      c.field("entity_type", entity_type).field("match_type", match_type).field("match", match);
    }
  };

  std::vector<ComponentData> components;
  bool strict = false;
  void fields(Codec& c) { c.field("components", components).field("strict", strict); }
};

/// The answer to DescribeClientQuotas.
struct DescribeClientQuotasResponse {
  static constexpr const char* type_name = "DescribeClientQuotasResponse";
  static constexpr int16_t api_key = 48, min_version = 0, max_version = 1, first_flexible = 1;

  struct EntityData {
    std::string entity_type;
    std::optional<std::string> entity_name = "";
    void fields(Codec& c) { c.field("entity_type", entity_type).field("entity_name", entity_name); }
  };

  struct ValueData {
    std::string key;
    double value = 0;
    void fields(Codec& c) { c.field("key", key).field("value", value); }
  };

  struct EntryData {
    std::vector<EntityData> entity;
    std::vector<ValueData> values;
    void fields(Codec& c) { c.field("entity", entity).field("values", values); }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::optional<std::vector<EntryData>> entries = std::vector<EntryData>{};
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("entries", entries);
  }
};

}  // namespace kt::wire
