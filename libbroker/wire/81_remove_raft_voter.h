#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// RemoveRaftVoter, key 81: removes a voter from the metadata quorum. KIP-853.
struct RemoveRaftVoterRequest {
  static constexpr const char* type_name = "RemoveRaftVoterRequest";
  static constexpr int16_t api_key = 81, min_version = 0, max_version = 0, first_flexible = 0;

  std::optional<std::string> cluster_id = "";
  int32_t voter_id = 0;
  Uuid voter_directory_id;
  void fields(Codec& c) {
    c.field("cluster_id", cluster_id).field("voter_id", voter_id);
    c.field("voter_directory_id", voter_directory_id);
  }
};

/// The answer to RemoveRaftVoter.
struct RemoveRaftVoterResponse {
  static constexpr const char* type_name = "RemoveRaftVoterResponse";
  static constexpr int16_t api_key = 81, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message);
  }
};

}  // namespace kt::wire
