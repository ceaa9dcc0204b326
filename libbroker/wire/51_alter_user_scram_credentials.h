#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AlterUserScramCredentials, key 51: sets or removes SCRAM credentials. KIP-554.
struct AlterUserScramCredentialsRequest {
  static constexpr const char* type_name = "AlterUserScramCredentialsRequest";
  static constexpr int16_t api_key = 51, min_version = 0, max_version = 0, first_flexible = 0;

  struct ScramCredentialDeletion {
    std::string name;
    int8_t mechanism = 0;
    void fields(Codec& c) { c.field("name", name).field("mechanism", mechanism); }
  };

  struct ScramCredentialUpsertion {
    std::string name;
    int8_t mechanism = 0;
    int32_t iterations = 0;
    Slice salt = Slice::empty();
    Slice salted_password = Slice::empty();
    void fields(Codec& c) {
      c.field("name", name).field("mechanism", mechanism).field("iterations", iterations);
      c.field("salt", salt, always().not_null());
      c.field("salted_password", salted_password, always().not_null());
    }
  };

  std::vector<ScramCredentialDeletion> deletions;
  std::vector<ScramCredentialUpsertion> upsertions;
  void fields(Codec& c) { c.field("deletions", deletions).field("upsertions", upsertions); }
};

/// The answer to AlterUserScramCredentials.
struct AlterUserScramCredentialsResponse {
  static constexpr const char* type_name = "AlterUserScramCredentialsResponse";
  static constexpr int16_t api_key = 51, min_version = 0, max_version = 0, first_flexible = 0;

  struct AlterUserScramCredentialsResult {
    std::string user;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    void fields(Codec& c) {
      c.field("user", user).field("error_code", error_code).field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<AlterUserScramCredentialsResult> results;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("results", results); }
};

}  // namespace kt::wire
