#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DeleteRecords, key 21: moves the start of partitions forward. KIP-107.
struct DeleteRecordsRequest {
  static constexpr const char* type_name = "DeleteRecordsRequest";
  static constexpr int16_t api_key = 21, min_version = 0, max_version = 2, first_flexible = 2;

  struct DeleteRecordsPartition {
    int32_t partition_index = 0;
    int64_t offset = 0;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("offset", offset); }
  };

  struct DeleteRecordsTopic {
    std::string name;
    std::vector<DeleteRecordsPartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  std::vector<DeleteRecordsTopic> topics;
  int32_t timeout_ms = 0;
  void fields(Codec& c) { c.field("topics", topics).field("timeout_ms", timeout_ms); }
};

/// The answer to DeleteRecords.
struct DeleteRecordsResponse {
  static constexpr const char* type_name = "DeleteRecordsResponse";
  static constexpr int16_t api_key = 21, min_version = 0, max_version = 2, first_flexible = 2;

  struct DeleteRecordsPartitionResult {
    int32_t partition_index = 0;
    int64_t low_watermark = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("low_watermark", low_watermark);
      c.field("error_code", error_code);
    }
  };

  struct DeleteRecordsTopicResult {
    std::string name;
    std::vector<DeleteRecordsPartitionResult> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("topics", topics); }
};

}  // namespace kt::wire
