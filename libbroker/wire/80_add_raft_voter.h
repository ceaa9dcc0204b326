#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AddRaftVoter, key 80: adds a voter to the metadata quorum. KIP-853, KIP-1186 (v1).
struct AddRaftVoterRequest {
  static constexpr const char* type_name = "AddRaftVoterRequest";
  static constexpr int16_t api_key = 80, min_version = 0, max_version = 1, first_flexible = 0;

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("name", name).field("host", host).field("port", port); }
  };

  std::optional<std::string> cluster_id = "";
  int32_t timeout_ms = 0;
  int32_t voter_id = 0;
  Uuid voter_directory_id;
  std::vector<Listener> listeners;
  bool ack_when_committed = true;
  void fields(Codec& c) {
    c.field("cluster_id", cluster_id).field("timeout_ms", timeout_ms).field("voter_id", voter_id);
    c.field("voter_directory_id", voter_directory_id).field("listeners", listeners);
    c.field("ack_when_committed", ack_when_committed, since(1));
  }
};

/// The answer to AddRaftVoter.
struct AddRaftVoterResponse {
  static constexpr const char* type_name = "AddRaftVoterResponse";
  static constexpr int16_t api_key = 80, min_version = 0, max_version = 1, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message);
  }
};

}  // namespace kt::wire
