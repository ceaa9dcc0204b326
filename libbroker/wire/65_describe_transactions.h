#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeTransactions, key 65: shows the state of transactional ids. KIP-664.
struct DescribeTransactionsRequest {
  static constexpr const char* type_name = "DescribeTransactionsRequest";
  static constexpr int16_t api_key = 65, min_version = 0, max_version = 0, first_flexible = 0;

  std::vector<std::string> transactional_ids;
  void fields(Codec& c) { c.field("transactional_ids", transactional_ids); }
};

/// The answer to DescribeTransactions.
struct DescribeTransactionsResponse {
  static constexpr const char* type_name = "DescribeTransactionsResponse";
  static constexpr int16_t api_key = 65, min_version = 0, max_version = 0, first_flexible = 0;

  struct TopicData {
    std::string topic;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  struct TransactionState {
    ErrorCode error_code = ErrorCode::none;
    std::string transactional_id;
    std::string transaction_state;
    int32_t transaction_timeout_ms = 0;
    int64_t transaction_start_time_ms = 0;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    std::vector<TopicData> topics;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("transactional_id", transactional_id);
      c.field("transaction_state", transaction_state);
      c.field("transaction_timeout_ms", transaction_timeout_ms);
      c.field("transaction_start_time_ms", transaction_start_time_ms).field("producer_id", producer_id);
      c.field("producer_epoch", producer_epoch).field("topics", topics);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<TransactionState> transaction_states;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("transaction_states", transaction_states);
  }
};

}  // namespace kt::wire
