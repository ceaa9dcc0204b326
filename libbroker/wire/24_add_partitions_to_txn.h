#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AddPartitionsToTxn, key 24: adds partitions to a transaction. KIP-98, KIP-890 (v4: batched, between
/// brokers; v5).
struct AddPartitionsToTxnRequest {
  static constexpr const char* type_name = "AddPartitionsToTxnRequest";
  static constexpr int16_t api_key = 24, min_version = 0, max_version = 5, first_flexible = 3;

  struct AddPartitionsToTxnTopic {
    std::string name;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  struct AddPartitionsToTxnTransaction {
    std::string transactional_id;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<AddPartitionsToTxnTopic> topics;
    void fields(Codec& c) {
      c.field("transactional_id", transactional_id).field("producer_id", producer_id);
      c.field("producer_epoch", producer_epoch).field("verify_only", verify_only).field("topics", topics);
    }
  };

  std::vector<AddPartitionsToTxnTransaction> transactions;
  std::string v3_and_below_transactional_id;
  int64_t v3_and_below_producer_id = 0;
  int16_t v3_and_below_producer_epoch = 0;
  std::vector<AddPartitionsToTxnTopic> v3_and_below_topics;
  void fields(Codec& c) {
    c.field("transactions", transactions, since(4));
    c.field("v3_and_below_transactional_id", v3_and_below_transactional_id, between(0, 3));
    c.field("v3_and_below_producer_id", v3_and_below_producer_id, between(0, 3));
    c.field("v3_and_below_producer_epoch", v3_and_below_producer_epoch, between(0, 3));
    c.field("v3_and_below_topics", v3_and_below_topics, between(0, 3));
  }
};

/// The answer to AddPartitionsToTxn.
struct AddPartitionsToTxnResponse {
  static constexpr const char* type_name = "AddPartitionsToTxnResponse";
  static constexpr int16_t api_key = 24, min_version = 0, max_version = 5, first_flexible = 3;

  struct AddPartitionsToTxnPartitionResult {
    int32_t partition_index = 0;
    ErrorCode partition_error_code = ErrorCode::none;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("partition_error_code", partition_error_code);
    }
  };

  struct AddPartitionsToTxnTopicResult {
    std::string name;
    std::vector<AddPartitionsToTxnPartitionResult> results_by_partition;
    void fields(Codec& c) { c.field("name", name).field("results_by_partition", results_by_partition); }
  };

  struct AddPartitionsToTxnResult {
    std::string transactional_id;
    std::vector<AddPartitionsToTxnTopicResult> topic_results;
    void fields(Codec& c) {
      c.field("transactional_id", transactional_id).field("topic_results", topic_results);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<AddPartitionsToTxnResult> results_by_transaction;
  std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code, since(4).ignorable());
    c.field("results_by_transaction", results_by_transaction, since(4));
    c.field("results_by_topic_v3_and_below", results_by_topic_v3_and_below, between(0, 3));
  }
};

}  // namespace kt::wire
