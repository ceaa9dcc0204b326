#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AlterClientQuotas, key 49: changes client quotas. KIP-546.
struct AlterClientQuotasRequest {
  static constexpr const char* type_name = "AlterClientQuotasRequest";
  static constexpr int16_t api_key = 49, min_version = 0, max_version = 1, first_flexible = 1;

  struct EntityData {
    std::string entity_type;
    std::optional<std::string> entity_name = "";
    void fields(Codec& c) { c.field("entity_type", entity_type).field("entity_name", entity_name); }
  };

  struct OpData {
    std::string key;
    double value = 0;
    bool remove = false;
    void fields(Codec& c) { c.field("key", key).field("value", value).field("remove", remove); }
  };

  struct EntryData {
    std::vector<EntityData> entity;
    std::vector<OpData> ops;
    void fields(Codec& c) { c.field("entity", entity).field("ops", ops); }
  };

  std::vector<EntryData> entries;
  bool validate_only = false;
  void fields(Codec& c) { c.field("entries", entries).field("validate_only", validate_only); }
};

/// The answer to AlterClientQuotas.
struct AlterClientQuotasResponse {
  static constexpr const char* type_name = "AlterClientQuotasResponse";
  static constexpr int16_t api_key = 49, min_version = 0, max_version = 1, first_flexible = 1;

  struct EntityData {
    std::string entity_type;
    std::optional<std::string> entity_name = "";
    void fields(Codec& c) { c.field("entity_type", entity_type).field("entity_name", entity_name); }
  };

  struct EntryData {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<EntityData> entity;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message).field("entity", entity);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<EntryData> entries;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("entries", entries); }
};

}  // namespace kt::wire
