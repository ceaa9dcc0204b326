#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// BrokerRegistration, key 62: enters a broker into the cluster. KIP-631, KIP-866 (v1), KIP-858 (v2:
/// directories), KIP-966 (v3), KIP-1022 (v4).
struct BrokerRegistrationRequest {
  static constexpr const char* type_name = "BrokerRegistrationRequest";
  static constexpr int16_t api_key = 62, min_version = 0, max_version = 4, first_flexible = 0;

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

  int32_t broker_id = 0;
  std::string cluster_id;
  Uuid incarnation_id;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  std::optional<std::string> rack = "";
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  int64_t previous_broker_epoch = -1;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("cluster_id", cluster_id).field("incarnation_id", incarnation_id);
    c.field("listeners", listeners).field("features", features).field("rack", rack);
    c.field("is_migrating_zk_broker", is_migrating_zk_broker, since(1));
    c.field("log_dirs", log_dirs, since(2).ignorable());
    c.field("previous_broker_epoch", previous_broker_epoch, since(3).ignorable());
  }
};

/// The answer to BrokerRegistration.
struct BrokerRegistrationResponse {
  static constexpr const char* type_name = "BrokerRegistrationResponse";
  static constexpr int16_t api_key = 62, min_version = 0, max_version = 4, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  int64_t broker_epoch = -1;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("broker_epoch", broker_epoch);
  }
};

}  // namespace kt::wire
