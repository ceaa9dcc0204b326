#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// UpdateRaftVoter, key 82: changes a voter's endpoints. KIP-853.
struct UpdateRaftVoterRequest {
  static constexpr const char* type_name = "UpdateRaftVoterRequest";
  static constexpr int16_t api_key = 82, min_version = 0, max_version = 0, first_flexible = 0;

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("name", name).field("host", host).field("port", port); }
  };

  struct KRaftVersionFeature {
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    void fields(Codec& c) {
      c.field("min_supported_version", min_supported_version);
      c.field("max_supported_version", max_supported_version);
    }
    bool operator==(const KRaftVersionFeature&) const = default;
  };

  std::optional<std::string> cluster_id = "";
  int32_t current_leader_epoch = 0;
  int32_t voter_id = 0;
  Uuid voter_directory_id;
  std::vector<Listener> listeners;
  KRaftVersionFeature k_raft_version_feature;
  void fields(Codec& c) {
    c.field("cluster_id", cluster_id).field("current_leader_epoch", current_leader_epoch);
    c.field("voter_id", voter_id).field("voter_directory_id", voter_directory_id);
    c.field("listeners", listeners).field("k_raft_version_feature", k_raft_version_feature);
  }
};

/// The answer to UpdateRaftVoter.
struct UpdateRaftVoterResponse {
  static constexpr const char* type_name = "UpdateRaftVoterResponse";
  static constexpr int16_t api_key = 82, min_version = 0, max_version = 0, first_flexible = 0;

  struct CurrentLeader {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    std::string host;
    int32_t port = 0;
    void fields(Codec& c) {
      c.field("leader_id", leader_id).field("leader_epoch", leader_epoch).field("host", host);
      c.field("port", port);
    }
    bool operator==(const CurrentLeader&) const = default;
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  CurrentLeader current_leader;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.tagged(0, "current_leader", current_leader);
  }
};

}  // namespace kt::wire
