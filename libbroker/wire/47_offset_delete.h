#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// OffsetDelete, key 47: forgets committed positions of a group. KIP-496.
struct OffsetDeleteRequest {
  static constexpr const char* type_name = "OffsetDeleteRequest";
  static constexpr int16_t api_key = 47, min_version = 0, max_version = 0, first_flexible = 32767;

  struct OffsetDeleteRequestPartition {
    int32_t partition_index = 0;
    void fields(Codec& c) { c.field("partition_index", partition_index); }
  };

  struct OffsetDeleteRequestTopic {
    std::string name;
    std::vector<OffsetDeleteRequestPartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  std::string group_id;
  std::vector<OffsetDeleteRequestTopic> topics;
  void fields(Codec& c) { c.field("group_id", group_id).field("topics", topics); }
};

/// The answer to OffsetDelete.
struct OffsetDeleteResponse {
  static constexpr const char* type_name = "OffsetDeleteResponse";
  static constexpr int16_t api_key = 47, min_version = 0, max_version = 0, first_flexible = 32767;

  struct OffsetDeleteResponsePartition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("error_code", error_code); }
  };

  struct OffsetDeleteResponseTopic {
    std::string name;
    std::vector<OffsetDeleteResponsePartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  ErrorCode error_code = ErrorCode::none;
  int32_t throttle_time_ms = 0;
  std::vector<OffsetDeleteResponseTopic> topics;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("throttle_time_ms", throttle_time_ms).field("topics", topics);
  }
};

}  // namespace kt::wire
