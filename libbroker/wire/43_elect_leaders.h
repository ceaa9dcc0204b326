#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ElectLeaders, key 43: elects preferred, or unclean, leaders. KIP-183, KIP-460 (v1: election type).
struct ElectLeadersRequest {
  static constexpr const char* type_name = "ElectLeadersRequest";
  static constexpr int16_t api_key = 43, min_version = 0, max_version = 2, first_flexible = 2;

  struct TopicPartitions {
    std::string topic;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  int8_t election_type = 0;
  std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
  int32_t timeout_ms = 60000;
  void fields(Codec& c) {
    c.field("election_type", election_type, since(1)).field("topic_partitions", topic_partitions);
    c.field("timeout_ms", timeout_ms);
  }
};

/// The answer to ElectLeaders.
struct ElectLeadersResponse {
  static constexpr const char* type_name = "ElectLeadersResponse";
  static constexpr int16_t api_key = 43, min_version = 0, max_version = 2, first_flexible = 2;

  struct PartitionResult {
    int32_t partition_id = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    void fields(Codec& c) {
      c.field("partition_id", partition_id).field("error_code", error_code);
      c.field("error_message", error_message);
    }
  };

  struct ReplicaElectionResult {
    std::string topic;
    std::vector<PartitionResult> partition_result;
    void fields(Codec& c) { c.field("topic", topic).field("partition_result", partition_result); }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ReplicaElectionResult> replica_election_results;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code, since(1));
    c.field("replica_election_results", replica_election_results);
  }
};

}  // namespace kt::wire
