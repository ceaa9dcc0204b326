#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// OffsetFetch, key 9: reads the committed positions of groups. KIP-447 (v7: require stable), KIP-709 (v8:
/// many groups), KIP-848 (v9), KIP-516 (v10: topic ids).
struct OffsetFetchRequest {
  static constexpr const char* type_name = "OffsetFetchRequest";
  static constexpr int16_t api_key = 9, min_version = 1, max_version = 10, first_flexible = 6;

  struct OffsetFetchRequestTopic {
    std::string name;
    std::vector<int32_t> partition_indexes;
    void fields(Codec& c) { c.field("name", name).field("partition_indexes", partition_indexes); }
  };

  struct OffsetFetchRequestTopics {
    std::string name;
    Uuid topic_id;
    std::vector<int32_t> partition_indexes;
    void fields(Codec& c) {
      c.field("name", name, between(8, 9).ignorable()).field("topic_id", topic_id, since(10).ignorable());
      c.field("partition_indexes", partition_indexes);
    }
  };

  struct OffsetFetchRequestGroup {
    std::string group_id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;
    std::optional<std::vector<OffsetFetchRequestTopics>> topics = std::vector<OffsetFetchRequestTopics>{};
    void fields(Codec& c) {
      c.field("group_id", group_id).field("member_id", member_id, since(9).ignorable());
      c.field("member_epoch", member_epoch, since(9).ignorable()).field("topics", topics);
    }
  };

  std::string group_id;
  std::optional<std::vector<OffsetFetchRequestTopic>> topics = std::vector<OffsetFetchRequestTopic>{};
  std::vector<OffsetFetchRequestGroup> groups;
  bool require_stable = false;
  void fields(Codec& c) {
    c.field("group_id", group_id, between(1, 7)).field("topics", topics, between(1, 7).nullable(2, 7));
    c.field("groups", groups, since(8)).field("require_stable", require_stable, since(7));
  }
};

/// The answer to OffsetFetch.
struct OffsetFetchResponse {
  static constexpr const char* type_name = "OffsetFetchResponse";
  static constexpr int16_t api_key = 9, min_version = 1, max_version = 10, first_flexible = 6;

  struct OffsetFetchResponsePartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = "";
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("committed_offset", committed_offset);
      c.field("committed_leader_epoch", committed_leader_epoch, since(5).ignorable());
      c.field("metadata", metadata).field("error_code", error_code);
    }
  };

  struct OffsetFetchResponseTopic {
    std::string name;
    std::vector<OffsetFetchResponsePartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  struct OffsetFetchResponsePartitions {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = "";
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("committed_offset", committed_offset);
      c.field("committed_leader_epoch", committed_leader_epoch).field("metadata", metadata);
      c.field("error_code", error_code);
    }
  };

  struct OffsetFetchResponseTopics {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetFetchResponsePartitions> partitions;
    void fields(Codec& c) {
      c.field("name", name, between(8, 9).ignorable()).field("topic_id", topic_id, since(10).ignorable());
      c.field("partitions", partitions);
    }
  };

  struct OffsetFetchResponseGroup {
    std::string group_id;
    std::vector<OffsetFetchResponseTopics> topics;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) {
      c.field("group_id", group_id).field("topics", topics).field("error_code", error_code);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<OffsetFetchResponseTopic> topics;
  ErrorCode error_code = ErrorCode::none;
  std::vector<OffsetFetchResponseGroup> groups;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(3).ignorable());
    c.field("topics", topics, between(1, 7)).field("error_code", error_code, between(2, 7).ignorable());
    c.field("groups", groups, since(8));
  }
};

}  // namespace kt::wire
