#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ListOffsets, key 2: finds offsets by time, and the ends of partitions. KIP-79 (v1), KIP-98 (v2:
/// isolation), KIP-320 (v4), KIP-734 (v7: max timestamp), KIP-405 (v8, v9), KIP-1005 (v11).
struct ListOffsetsRequest {
  static constexpr const char* type_name = "ListOffsetsRequest";
  static constexpr int16_t api_key = 2, min_version = 1, max_version = 11, first_flexible = 6;

  struct ListOffsetsPartition {
    int32_t partition_index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;
    void fields(Codec& c) {
      c.field("partition_index", partition_index);
      c.field("current_leader_epoch", current_leader_epoch, since(4).ignorable());
      c.field("timestamp", timestamp);
    }
  };

  struct ListOffsetsTopic {
    std::string name;
    std::vector<ListOffsetsPartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t replica_id = 0;
  int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics;
  int32_t timeout_ms = 0;
  void fields(Codec& c) {
    c.field("replica_id", replica_id).field("isolation_level", isolation_level, since(2));
    c.field("topics", topics).field("timeout_ms", timeout_ms, since(10).ignorable());
  }
};

/// The answer to ListOffsets.
struct ListOffsetsResponse {
  static constexpr const char* type_name = "ListOffsetsResponse";
  static constexpr int16_t api_key = 2, min_version = 1, max_version = 11, first_flexible = 6;

  struct ListOffsetsPartitionResponse {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t timestamp = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("timestamp", timestamp).field("offset", offset).field("leader_epoch", leader_epoch, since(4));
    }
  };

  struct ListOffsetsTopicResponse {
    std::string name;
    std::vector<ListOffsetsPartitionResponse> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(2).ignorable()).field("topics", topics);
  }
};

}  // namespace kt::wire
