#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AssignReplicasToDirs, key 73: tells the controller which directory holds a replica. KIP-858.
struct AssignReplicasToDirsRequest {
  static constexpr const char* type_name = "AssignReplicasToDirsRequest";
  static constexpr int16_t api_key = 73, min_version = 0, max_version = 0, first_flexible = 0;

  struct PartitionData {
    int32_t partition_index = 0;
    void fields(Codec& c) { c.field("partition_index", partition_index); }
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  struct DirectoryData {
    Uuid id;
    std::vector<TopicData> topics;
    void fields(Codec& c) { c.field("id", id).field("topics", topics); }
  };

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  std::vector<DirectoryData> directories;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("broker_epoch", broker_epoch).field("directories", directories);
  }
};

/// The answer to AssignReplicasToDirs.
struct AssignReplicasToDirsResponse {
  static constexpr const char* type_name = "AssignReplicasToDirsResponse";
  static constexpr int16_t api_key = 73, min_version = 0, max_version = 0, first_flexible = 0;

  struct PartitionData {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("error_code", error_code); }
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  struct DirectoryData {
    Uuid id;
    std::vector<TopicData> topics;
    void fields(Codec& c) { c.field("id", id).field("topics", topics); }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<DirectoryData> directories;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("directories", directories);
  }
};

}  // namespace kt::wire
