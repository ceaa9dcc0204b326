#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// CreateDelegationToken, key 38: makes a delegation token. KIP-48, KIP-373 (v3: for another owner).
struct CreateDelegationTokenRequest {
  static constexpr const char* type_name = "CreateDelegationTokenRequest";
  static constexpr int16_t api_key = 38, min_version = 1, max_version = 3, first_flexible = 2;

  struct CreatableRenewers {
    std::string principal_type;
    std::string principal_name;
    void fields(Codec& c) {
      c.field("principal_type", principal_type).field("principal_name", principal_name);
    }
  };

  std::optional<std::string> owner_principal_type = "";
  std::optional<std::string> owner_principal_name = "";
  std::vector<CreatableRenewers> renewers;
  int64_t max_lifetime_ms = 0;
  void fields(Codec& c) {
    c.field("owner_principal_type", owner_principal_type, since(3));
    c.field("owner_principal_name", owner_principal_name, since(3)).field("renewers", renewers);
    c.field("max_lifetime_ms", max_lifetime_ms);
  }
};

/// The answer to CreateDelegationToken.
struct CreateDelegationTokenResponse {
  static constexpr const char* type_name = "CreateDelegationTokenResponse";
  static constexpr int16_t api_key = 38, min_version = 1, max_version = 3, first_flexible = 2;

  ErrorCode error_code = ErrorCode::none;
  std::string principal_type;
  std::string principal_name;
  std::string token_requester_principal_type;
  std::string token_requester_principal_name;
  int64_t issue_timestamp_ms = 0;
  int64_t expiry_timestamp_ms = 0;
  int64_t max_timestamp_ms = 0;
  std::string token_id;
  Slice hmac = Slice::empty();
  int32_t throttle_time_ms = 0;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("principal_type", principal_type);
    c.field("principal_name", principal_name);
    c.field("token_requester_principal_type", token_requester_principal_type, since(3));
    c.field("token_requester_principal_name", token_requester_principal_name, since(3));
    c.field("issue_timestamp_ms", issue_timestamp_ms).field("expiry_timestamp_ms", expiry_timestamp_ms);
    c.field("max_timestamp_ms", max_timestamp_ms).field("token_id", token_id);
    c.field("hmac", hmac, always().not_null()).field("throttle_time_ms", throttle_time_ms);
  }
};

}  // namespace kt::wire
