#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Produce, key 0: appends record batches to partitions. KIP-98 (v3: transactions), KIP-467 (v8: record
/// errors), KIP-482 (v9: flexible), KIP-951 (v10: leader in the answer), KIP-890 (v12), KIP-516 (v13: topic
/// ids).
struct ProduceRequest {
  static constexpr const char* type_name = "ProduceRequest";
  static constexpr int16_t api_key = 0, min_version = 3, max_version = 13, first_flexible = 9;

  struct PartitionProduceData {
    int32_t index = 0;
    Records records;
    void fields(Codec& c) { c.field("index", index).field("records", records); }
  };

  struct TopicProduceData {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceData> partition_data;
    void fields(Codec& c) {
      c.field("name", name, between(3, 12).ignorable()).field("topic_id", topic_id, since(13).ignorable());
      c.field("partition_data", partition_data);
    }
  };

  std::optional<std::string> transactional_id;
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data;
  void fields(Codec& c) {
    c.field("transactional_id", transactional_id).field("acks", acks).field("timeout_ms", timeout_ms);
    c.field("topic_data", topic_data);
  }
};

/// The answer to Produce.
struct ProduceResponse {
  static constexpr const char* type_name = "ProduceResponse";
  static constexpr int16_t api_key = 0, min_version = 3, max_version = 13, first_flexible = 9;

  struct BatchIndexAndErrorMessage {
    int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;
    void fields(Codec& c) {
      c.field("batch_index", batch_index).field("batch_index_error_message", batch_index_error_message);
    }
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    void fields(Codec& c) { c.field("leader_id", leader_id).field("leader_epoch", leader_epoch); }
    bool operator==(const LeaderIdAndEpoch&) const = default;
  };

  struct PartitionProduceResponse {
    int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t base_offset = 0;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;
    void fields(Codec& c) {
      c.field("index", index).field("error_code", error_code).field("base_offset", base_offset);
      c.field("log_append_time_ms", log_append_time_ms);
      c.field("log_start_offset", log_start_offset, since(5).ignorable());
      c.field("record_errors", record_errors, since(8).ignorable());
      c.field("error_message", error_message, since(8).ignorable());
      c.tagged(0, "current_leader", current_leader, since(10));
    }
  };

  struct TopicProduceResponse {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceResponse> partition_responses;
    void fields(Codec& c) {
      c.field("name", name, between(3, 12).ignorable()).field("topic_id", topic_id, since(13).ignorable());
      c.field("partition_responses", partition_responses);
    }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    void fields(Codec& c) {
      c.field("node_id", node_id).field("host", host).field("port", port).field("rack", rack);
    }
  };

  std::vector<TopicProduceResponse> responses;
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;
  void fields(Codec& c) {
    c.field("responses", responses).field("throttle_time_ms", throttle_time_ms);
    c.tagged(0, "node_endpoints", node_endpoints, since(10));
  }
};

}  // namespace kt::wire
