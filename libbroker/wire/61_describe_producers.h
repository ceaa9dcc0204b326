#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeProducers, key 61: lists the active producers of partitions. KIP-664.
struct DescribeProducersRequest {
  static constexpr const char* type_name = "DescribeProducersRequest";
  static constexpr int16_t api_key = 61, min_version = 0, max_version = 0, first_flexible = 0;

  struct TopicRequest {
    std::string name;
    std::vector<int32_t> partition_indexes;
    void fields(Codec& c) { c.field("name", name).field("partition_indexes", partition_indexes); }
  };

  std::vector<TopicRequest> topics;
  void fields(Codec& c) { c.field("topics", topics); }
};

/// The answer to DescribeProducers.
struct DescribeProducersResponse {
  static constexpr const char* type_name = "DescribeProducersResponse";
  static constexpr int16_t api_key = 61, min_version = 0, max_version = 0, first_flexible = 0;

  struct ProducerState {
    int64_t producer_id = 0;
    int32_t producer_epoch = 0;
    int32_t last_sequence = -1;
    int64_t last_timestamp = -1;
    int32_t coordinator_epoch = 0;
    int64_t current_txn_start_offset = -1;
    void fields(Codec& c) {
      c.field("producer_id", producer_id).field("producer_epoch", producer_epoch);
      c.field("last_sequence", last_sequence).field("last_timestamp", last_timestamp);
      c.field("coordinator_epoch", coordinator_epoch);
      c.field("current_txn_start_offset", current_txn_start_offset);
    }
  };

  struct PartitionResponse {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::vector<ProducerState> active_producers;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("error_message", error_message).field("active_producers", active_producers);
    }
  };

  struct TopicResponse {
    std::string name;
    std::vector<PartitionResponse> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<TopicResponse> topics;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("topics", topics); }
};

}  // namespace kt::wire
