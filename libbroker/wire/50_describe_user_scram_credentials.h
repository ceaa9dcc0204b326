#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeUserScramCredentials, key 50: lists which users have SCRAM credentials. KIP-554.
struct DescribeUserScramCredentialsRequest {
  static constexpr const char* type_name = "DescribeUserScramCredentialsRequest";
  static constexpr int16_t api_key = 50, min_version = 0, max_version = 0, first_flexible = 0;

  struct UserName {
    std::string name;
    void fields(Codec& c) { c.field("name", name); }
  };

  std::optional<std::vector<UserName>> users = std::vector<UserName>{};
  void fields(Codec& c) { c.field("users", users); }
};

/// The answer to DescribeUserScramCredentials.
struct DescribeUserScramCredentialsResponse {
  static constexpr const char* type_name = "DescribeUserScramCredentialsResponse";
  static constexpr int16_t api_key = 50, min_version = 0, max_version = 0, first_flexible = 0;

  struct CredentialInfo {
    int8_t mechanism = 0;
    int32_t iterations = 0;
    void fields(Codec& c) { c.field("mechanism", mechanism).field("iterations", iterations); }
  };

  struct DescribeUserScramCredentialsResult {
    std::string user;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<CredentialInfo> credential_infos;
    void fields(Codec& c) {
      c.field("user", user).field("error_code", error_code).field("error_message", error_message);
      c.field("credential_infos", credential_infos);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<DescribeUserScramCredentialsResult> results;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("results", results);
  }
};

}  // namespace kt::wire
