#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ListPartitionReassignments, key 46: lists the moves under way. KIP-455.
struct ListPartitionReassignmentsRequest {
  static constexpr const char* type_name = "ListPartitionReassignmentsRequest";
  static constexpr int16_t api_key = 46, min_version = 0, max_version = 0, first_flexible = 0;

  struct ListPartitionReassignmentsTopics {
    std::string name;
    std::vector<int32_t> partition_indexes;
    void fields(Codec& c) { c.field("name", name).field("partition_indexes", partition_indexes); }
  };

  int32_t timeout_ms = 60000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;
  void fields(Codec& c) { c.field("timeout_ms", timeout_ms).field("topics", topics); }
};

/// The answer to ListPartitionReassignments.
struct ListPartitionReassignmentsResponse {
  static constexpr const char* type_name = "ListPartitionReassignmentsResponse";
  static constexpr int16_t api_key = 46, min_version = 0, max_version = 0, first_flexible = 0;

  struct OngoingPartitionReassignment {
    int32_t partition_index = 0;
    std::vector<int32_t> replicas;
    std::vector<int32_t> adding_replicas;
    std::vector<int32_t> removing_replicas;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("replicas", replicas);
      c.field("adding_replicas", adding_replicas).field("removing_replicas", removing_replicas);
    }
  };

  struct OngoingTopicReassignment {
    std::string name;
    std::vector<OngoingPartitionReassignment> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<OngoingTopicReassignment> topics;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("topics", topics);
  }
};

}  // namespace kt::wire
