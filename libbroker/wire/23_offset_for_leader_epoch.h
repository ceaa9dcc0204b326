#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// OffsetForLeaderEpoch, key 23: finds where a leader epoch ended. KIP-101, KIP-320 (v2), KIP-392 (v3).
struct OffsetForLeaderEpochRequest {
  static constexpr const char* type_name = "OffsetForLeaderEpochRequest";
  static constexpr int16_t api_key = 23, min_version = 2, max_version = 4, first_flexible = 4;

  struct OffsetForLeaderPartition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;
    void fields(Codec& c) {
      c.field("partition", partition).field("current_leader_epoch", current_leader_epoch);
      c.field("leader_epoch", leader_epoch);
    }
  };

  struct OffsetForLeaderTopic {
    std::string topic;
    std::vector<OffsetForLeaderPartition> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  int32_t replica_id = -2;
  std::vector<OffsetForLeaderTopic> topics;
  void fields(Codec& c) { c.field("replica_id", replica_id, since(3).ignorable()).field("topics", topics); }
};

/// The answer to OffsetForLeaderEpoch.
struct OffsetForLeaderEpochResponse {
  static constexpr const char* type_name = "OffsetForLeaderEpochResponse";
  static constexpr int16_t api_key = 23, min_version = 2, max_version = 4, first_flexible = 4;

  struct EpochEndOffset {
    ErrorCode error_code = ErrorCode::none;
    int32_t partition = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("partition", partition).field("leader_epoch", leader_epoch);
      c.field("end_offset", end_offset);
    }
  };

  struct OffsetForLeaderTopicResult {
    std::string topic;
    std::vector<EpochEndOffset> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("topics", topics); }
};

}  // namespace kt::wire
