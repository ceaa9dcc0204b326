#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AlterReplicaLogDirs, key 34: moves replicas between the log directories of a broker. KIP-113.
struct AlterReplicaLogDirsRequest {
  static constexpr const char* type_name = "AlterReplicaLogDirsRequest";
  static constexpr int16_t api_key = 34, min_version = 1, max_version = 2, first_flexible = 2;

  struct AlterReplicaLogDirTopic {
    std::string name;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  struct AlterReplicaLogDir {
    std::string path;
    std::vector<AlterReplicaLogDirTopic> topics;
    void fields(Codec& c) { c.field("path", path).field("topics", topics); }
  };

  std::vector<AlterReplicaLogDir> dirs;
  void fields(Codec& c) { c.field("dirs", dirs); }
};

/// The answer to AlterReplicaLogDirs.
struct AlterReplicaLogDirsResponse {
  static constexpr const char* type_name = "AlterReplicaLogDirsResponse";
  static constexpr int16_t api_key = 34, min_version = 1, max_version = 2, first_flexible = 2;

  struct AlterReplicaLogDirPartitionResult {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("error_code", error_code); }
  };

  struct AlterReplicaLogDirTopicResult {
    std::string topic_name;
    std::vector<AlterReplicaLogDirPartitionResult> partitions;
    void fields(Codec& c) { c.field("topic_name", topic_name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<AlterReplicaLogDirTopicResult> results;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("results", results); }
};

}  // namespace kt::wire
