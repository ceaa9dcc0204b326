#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ListTransactions, key 66: lists transactional ids. KIP-664, KIP-994 (v1: duration), KIP-1152 (v2:
/// pattern).
struct ListTransactionsRequest {
  static constexpr const char* type_name = "ListTransactionsRequest";
  static constexpr int16_t api_key = 66, min_version = 0, max_version = 2, first_flexible = 0;

  std::vector<std::string> state_filters;
  std::vector<int64_t> producer_id_filters;
  int64_t duration_filter = -1;
  std::optional<std::string> transactional_id_pattern;
  void fields(Codec& c) {
    c.field("state_filters", state_filters).field("producer_id_filters", producer_id_filters);
    c.field("duration_filter", duration_filter, since(1));
    c.field("transactional_id_pattern", transactional_id_pattern, since(2));
  }
};

/// The answer to ListTransactions.
struct ListTransactionsResponse {
  static constexpr const char* type_name = "ListTransactionsResponse";
  static constexpr int16_t api_key = 66, min_version = 0, max_version = 2, first_flexible = 0;

  struct TransactionState {
    std::string transactional_id;
    int64_t producer_id = 0;
    std::string transaction_state;
    void fields(Codec& c) {
      c.field("transactional_id", transactional_id).field("producer_id", producer_id);
      c.field("transaction_state", transaction_state);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<std::string> unknown_state_filters;
  std::vector<TransactionState> transaction_states;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("unknown_state_filters", unknown_state_filters).field("transaction_states", transaction_states);
  }
};

}  // namespace kt::wire
