#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AlterPartitionReassignments, key 45: starts or cancels the move of partitions to other brokers. KIP-455,
/// KIP-860 (v1).
struct AlterPartitionReassignmentsRequest {
  static constexpr const char* type_name = "AlterPartitionReassignmentsRequest";
  static constexpr int16_t api_key = 45, min_version = 0, max_version = 1, first_flexible = 0;

  struct ReassignablePartition {
    int32_t partition_index = 0;
    std::optional<std::vector<int32_t>> replicas;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("replicas", replicas); }
  };

  struct ReassignableTopic {
    std::string name;
    std::vector<ReassignablePartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<ReassignableTopic> topics;
  void fields(Codec& c) {
    c.field("timeout_ms", timeout_ms);
    c.field("allow_replication_factor_change", allow_replication_factor_change, since(1));
    c.field("topics", topics);
  }
};

/// The answer to AlterPartitionReassignments.
struct AlterPartitionReassignmentsResponse {
  static constexpr const char* type_name = "AlterPartitionReassignmentsResponse";
  static constexpr int16_t api_key = 45, min_version = 0, max_version = 1, first_flexible = 0;

  struct ReassignablePartitionResponse {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("error_message", error_message);
    }
  };

  struct ReassignableTopicResponse {
    std::string name;
    std::vector<ReassignablePartitionResponse> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<ReassignableTopicResponse> responses;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms);
    c.field("allow_replication_factor_change", allow_replication_factor_change, since(1).ignorable());
    c.field("error_code", error_code).field("error_message", error_message).field("responses", responses);
  }
};

}  // namespace kt::wire
