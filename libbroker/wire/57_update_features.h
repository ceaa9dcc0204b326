#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// UpdateFeatures, key 57: changes finalized feature levels. KIP-584, KIP-778 (v1: upgrade type), KIP-1022
/// (v2: all or nothing).
struct UpdateFeaturesRequest {
  static constexpr const char* type_name = "UpdateFeaturesRequest";
  static constexpr int16_t api_key = 57, min_version = 0, max_version = 2, first_flexible = 0;

  struct FeatureUpdateKey {
    std::string feature;
    int16_t max_version_level = 0;
    bool allow_downgrade = false;
    int8_t upgrade_type = 1;
    void fields(Codec& c) {
      c.field("feature", feature).field("max_version_level", max_version_level);
      c.field("allow_downgrade", allow_downgrade, between(0, 0));
      c.field("upgrade_type", upgrade_type, since(1));
    }
  };

  int32_t timeout_ms = 60000;
  std::vector<FeatureUpdateKey> feature_updates;
  bool validate_only = false;
  void fields(Codec& c) {
    c.field("timeout_ms", timeout_ms).field("feature_updates", feature_updates);
    c.field("validate_only", validate_only, since(1));
  }
};

/// The answer to UpdateFeatures.
struct UpdateFeaturesResponse {
  static constexpr const char* type_name = "UpdateFeaturesResponse";
  static constexpr int16_t api_key = 57, min_version = 0, max_version = 2, first_flexible = 0;

  struct UpdatableFeatureResult {
    std::string feature;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    void fields(Codec& c) {
      c.field("feature", feature).field("error_code", error_code).field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<UpdatableFeatureResult> results;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("results", results, between(0, 1).ignorable());
  }
};

}  // namespace kt::wire
