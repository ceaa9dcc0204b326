#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// OffsetCommit, key 8: stores the positions of a consumer group. KIP-320 (v6: leader epoch), KIP-345 (v7:
/// static members), KIP-848 (v9), KIP-516 (v10: topic ids).
struct OffsetCommitRequest {
  static constexpr const char* type_name = "OffsetCommitRequest";
  static constexpr int16_t api_key = 8, min_version = 2, max_version = 10, first_flexible = 8;

  struct OffsetCommitRequestPartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata = "";
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("committed_offset", committed_offset);
      c.field("committed_leader_epoch", committed_leader_epoch, since(6).ignorable());
      c.field("committed_metadata", committed_metadata);
    }
  };

  struct OffsetCommitRequestTopic {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetCommitRequestPartition> partitions;
    void fields(Codec& c) {
      c.field("name", name, between(2, 9).ignorable()).field("topic_id", topic_id, since(10).ignorable());
      c.field("partitions", partitions);
    }
  };

  std::string group_id;
  int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  int64_t retention_time_ms = -1;
  std::vector<OffsetCommitRequestTopic> topics;
  void fields(Codec& c) {
    c.field("group_id", group_id).field("generation_id_or_member_epoch", generation_id_or_member_epoch);
    c.field("member_id", member_id).field("group_instance_id", group_instance_id, since(7));
    c.field("retention_time_ms", retention_time_ms, between(2, 4).ignorable()).field("topics", topics);
  }
};

/// The answer to OffsetCommit.
struct OffsetCommitResponse {
  static constexpr const char* type_name = "OffsetCommitResponse";
  static constexpr int16_t api_key = 8, min_version = 2, max_version = 10, first_flexible = 8;

  struct OffsetCommitResponsePartition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("error_code", error_code); }
  };

  struct OffsetCommitResponseTopic {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetCommitResponsePartition> partitions;
    void fields(Codec& c) {
      c.field("name", name, between(2, 9).ignorable()).field("topic_id", topic_id, since(10).ignorable());
      c.field("partitions", partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<OffsetCommitResponseTopic> topics;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(3).ignorable()).field("topics", topics);
  }
};

}  // namespace kt::wire
