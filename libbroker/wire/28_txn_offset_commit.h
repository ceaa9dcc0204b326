#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// TxnOffsetCommit, key 28: stores group positions as part of a transaction. KIP-98, KIP-447 (v3: member),
/// KIP-890 (v5).
struct TxnOffsetCommitRequest {
  static constexpr const char* type_name = "TxnOffsetCommitRequest";
  static constexpr int16_t api_key = 28, min_version = 0, max_version = 5, first_flexible = 3;

  struct TxnOffsetCommitRequestPartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata = "";
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("committed_offset", committed_offset);
      c.field("committed_leader_epoch", committed_leader_epoch, since(2).ignorable());
      c.field("committed_metadata", committed_metadata);
    }
  };

  struct TxnOffsetCommitRequestTopic {
    std::string name;
    std::vector<TxnOffsetCommitRequestPartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  std::string transactional_id;
  std::string group_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::vector<TxnOffsetCommitRequestTopic> topics;
  void fields(Codec& c) {
    c.field("transactional_id", transactional_id).field("group_id", group_id);
    c.field("producer_id", producer_id).field("producer_epoch", producer_epoch);
    c.field("generation_id", generation_id, since(3)).field("member_id", member_id, since(3));
    c.field("group_instance_id", group_instance_id, since(3)).field("topics", topics);
  }
};

/// The answer to TxnOffsetCommit.
struct TxnOffsetCommitResponse {
  static constexpr const char* type_name = "TxnOffsetCommitResponse";
  static constexpr int16_t api_key = 28, min_version = 0, max_version = 5, first_flexible = 3;

  struct TxnOffsetCommitResponsePartition {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("error_code", error_code); }
  };

  struct TxnOffsetCommitResponseTopic {
    std::string name;
    std::vector<TxnOffsetCommitResponsePartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  std::vector<TxnOffsetCommitResponseTopic> topics;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("topics", topics); }
};

}  // namespace kt::wire
