#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ControllerRegistration, key 70: enters a controller into the cluster. KIP-919.
struct ControllerRegistrationRequest {
  static constexpr const char* type_name = "ControllerRegistrationRequest";
  static constexpr int16_t api_key = 70, min_version = 0, max_version = 0, first_flexible = 0;

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;
    int16_t security_protocol = 0;
    void fields(Codec& c) {
      c.field("name", name).field("host", host).field("port", port);
      c.field("security_protocol", security_protocol);
    }
  };

  struct Feature {
    std::string name;
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    void fields(Codec& c) {
      c.field("name", name).field("min_supported_version", min_supported_version);
      c.field("max_supported_version", max_supported_version);
    }
  };

  int32_t controller_id = 0;
  Uuid incarnation_id;
  bool zk_migration_ready = false;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  void fields(Codec& c) {
    c.field("controller_id", controller_id).field("incarnation_id", incarnation_id);
    c.field("zk_migration_ready", zk_migration_ready).field("listeners", listeners);
    c.field("features", features);
  }
};

/// The answer to ControllerRegistration.
struct ControllerRegistrationResponse {
  static constexpr const char* type_name = "ControllerRegistrationResponse";
  static constexpr int16_t api_key = 70, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message);
  }
};

}  // namespace kt::wire
