#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Key of a transactional id's state.
struct TransactionLogKey {
  static constexpr const char* type_name = "TransactionLogKey";
  static constexpr int16_t api_key = 0, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string transactional_id;
  void fields(Codec& c) { c.field("transactional_id", transactional_id); }
};

/// State of a transactional id.
struct TransactionLogValue {
  static constexpr const char* type_name = "TransactionLogValue";
  static constexpr int16_t api_key = 0, min_version = 0, max_version = 1, first_flexible = 1;

  struct PartitionsSchema {
    std::string topic;
    std::vector<int32_t> partition_ids;
    void fields(Codec& c) { c.field("topic", topic).field("partition_ids", partition_ids); }
  };

  int64_t producer_id = 0;
  int64_t previous_producer_id = -1;
  int64_t next_producer_id = -1;
  int16_t producer_epoch = 0;
  int16_t next_producer_epoch = -1;
  int32_t transaction_timeout_ms = 0;
  int8_t transaction_status = 0;
  std::optional<std::vector<PartitionsSchema>> transaction_partitions = std::vector<PartitionsSchema>{};
  int64_t transaction_last_update_timestamp_ms = 0;
  int64_t transaction_start_timestamp_ms = 0;
  int16_t client_transaction_version = 0;
  void fields(Codec& c) {
    c.field("producer_id", producer_id).field("producer_epoch", producer_epoch);
    c.field("transaction_timeout_ms", transaction_timeout_ms);
    c.field("transaction_status", transaction_status);
    c.field("transaction_partitions", transaction_partitions);
    c.field("transaction_last_update_timestamp_ms", transaction_last_update_timestamp_ms);
    c.field("transaction_start_timestamp_ms", transaction_start_timestamp_ms);
    c.tagged(0, "previous_producer_id", previous_producer_id, since(1));
    c.tagged(1, "next_producer_id", next_producer_id, since(1));
    c.tagged(2, "client_transaction_version", client_transaction_version, since(1));
    c.tagged(3, "next_producer_epoch", next_producer_epoch, since(1));
  }
};

}  // namespace kt::wire
