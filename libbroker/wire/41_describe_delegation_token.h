#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeDelegationToken, key 41: lists delegation tokens. KIP-48, KIP-373 (v3: requester).
struct DescribeDelegationTokenRequest {
  static constexpr const char* type_name = "DescribeDelegationTokenRequest";
  static constexpr int16_t api_key = 41, min_version = 1, max_version = 3, first_flexible = 2;

  struct DescribeDelegationTokenOwner {
    std::string principal_type;
    std::string principal_name;
    void fields(Codec& c) {
      c.field("principal_type", principal_type).field("principal_name", principal_name);
    }
  };

  std::optional<std::vector<DescribeDelegationTokenOwner>> owners =
      std::vector<DescribeDelegationTokenOwner>{};
  void fields(Codec& c) { c.field("owners", owners); }
};

/// The answer to DescribeDelegationToken.
struct DescribeDelegationTokenResponse {
  static constexpr const char* type_name = "DescribeDelegationTokenResponse";
  static constexpr int16_t api_key = 41, min_version = 1, max_version = 3, first_flexible = 2;

  struct DescribedDelegationTokenRenewer {
    std::string principal_type;
    std::string principal_name;
    void fields(Codec& c) {
      c.field("principal_type", principal_type).field("principal_name", principal_name);
    }
  };

  struct DescribedDelegationToken {
    std::string principal_type;
    std::string principal_name;
    std::string token_requester_principal_type;
    std::string token_requester_principal_name;
    int64_t issue_timestamp = 0;
    int64_t expiry_timestamp = 0;
    int64_t max_timestamp = 0;
    std::string token_id;
    Slice hmac = Slice::empty();
    std::vector<DescribedDelegationTokenRenewer> renewers;
    void fields(Codec& c) {
      c.field("principal_type", principal_type).field("principal_name", principal_name);
      c.field("token_requester_principal_type", token_requester_principal_type, since(3));
      c.field("token_requester_principal_name", token_requester_principal_name, since(3));
      c.field("issue_timestamp", issue_timestamp).field("expiry_timestamp", expiry_timestamp);
      c.field("max_timestamp", max_timestamp).field("token_id", token_id);
      c.field("hmac", hmac, always().not_null()).field("renewers", renewers);
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<DescribedDelegationToken> tokens;
  int32_t throttle_time_ms = 0;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("tokens", tokens).field("throttle_time_ms", throttle_time_ms);
  }
};

}  // namespace kt::wire
