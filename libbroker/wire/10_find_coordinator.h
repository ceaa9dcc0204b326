#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// FindCoordinator, key 10: names the broker that coordinates a group or a transactional id. KIP-98 (v1:
/// transactions), KIP-699 (v4: many keys), KIP-890 (v5), KIP-932 (v6).
struct FindCoordinatorRequest {
  static constexpr const char* type_name = "FindCoordinatorRequest";
  static constexpr int16_t api_key = 10, min_version = 0, max_version = 6, first_flexible = 3;

  std::string key;
  int8_t key_type = 0;
  std::vector<std::string> coordinator_keys;
  void fields(Codec& c) {
    c.field("key", key, between(0, 3)).field("key_type", key_type, since(1));
    c.field("coordinator_keys", coordinator_keys, since(4));
  }
};

/// The answer to FindCoordinator.
struct FindCoordinatorResponse {
  static constexpr const char* type_name = "FindCoordinatorResponse";
  static constexpr int16_t api_key = 10, min_version = 0, max_version = 6, first_flexible = 3;

  struct Coordinator {
    std::string key;
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    void fields(Codec& c) {
      c.field("key", key).field("node_id", node_id).field("host", host).field("port", port);
      c.field("error_code", error_code).field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  std::vector<Coordinator> coordinators;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(1).ignorable());
    c.field("error_code", error_code, between(0, 3));
    c.field("error_message", error_message, between(1, 3).ignorable());
    c.field("node_id", node_id, between(0, 3)).field("host", host, between(0, 3));
    c.field("port", port, between(0, 3)).field("coordinators", coordinators, since(4));
  }
};

}  // namespace kt::wire
