#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ApiVersions, key 18: lists what a broker serves; the first request of every client. KIP-35, KIP-511 (v3:
/// client software), KIP-584 (v3: features), KIP-1022 (v4: features from level 0).
struct ApiVersionsRequest {
  static constexpr const char* type_name = "ApiVersionsRequest";
  static constexpr int16_t api_key = 18, min_version = 0, max_version = 4, first_flexible = 3;

  std::string client_software_name;
  std::string client_software_version;
  void fields(Codec& c) {
    c.field("client_software_name", client_software_name, since(3).ignorable());
    c.field("client_software_version", client_software_version, since(3).ignorable());
  }
};

/// The answer to ApiVersions.
struct ApiVersionsResponse {
  static constexpr const char* type_name = "ApiVersionsResponse";
  static constexpr int16_t api_key = 18, min_version = 0, max_version = 4, first_flexible = 3;

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;
    void fields(Codec& c) {
      c.field("api_key", api_key).field("min_version", min_version).field("max_version", max_version);
    }
  };

  struct SupportedFeatureKey {
    std::string name;
    int16_t min_version = 0;
    int16_t max_version = 0;
    void fields(Codec& c) {
      c.field("name", name).field("min_version", min_version).field("max_version", max_version);
    }
  };

  struct FinalizedFeatureKey {
    std::string name;
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;
    void fields(Codec& c) {
      c.field("name", name).field("max_version_level", max_version_level);
      c.field("min_version_level", min_version_level);
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<ApiVersion> api_keys;
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features;
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features;
  bool zk_migration_ready = false;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("api_keys", api_keys);
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable());
    c.tagged(0, "supported_features", supported_features, since(3).ignorable());
    c.tagged(1, "finalized_features_epoch", finalized_features_epoch, since(3).ignorable());
    c.tagged(2, "finalized_features", finalized_features, since(3).ignorable());
    c.tagged(3, "zk_migration_ready", zk_migration_ready, since(3).ignorable());
  }
};

}  // namespace kt::wire
