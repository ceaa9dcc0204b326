#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Where a page of DescribeTopicPartitions begins.
struct TopicPartitionCursor {
  std::string topic_name;
  int32_t partition_index = 0;
  void fields(Codec& c) { c.field("topic_name", topic_name).field("partition_index", partition_index); }
  bool operator==(const TopicPartitionCursor&) const = default;
};

/// DescribeTopicPartitions, key 75: names partitions page by page. KIP-966.
struct DescribeTopicPartitionsRequest {
  static constexpr const char* type_name = "DescribeTopicPartitionsRequest";
  static constexpr int16_t api_key = 75, min_version = 0, max_version = 0, first_flexible = 0;
  using Cursor = TopicPartitionCursor;

  struct TopicRequest {
    std::string name;
    void fields(Codec& c) { c.field("name", name); }
  };

  std::vector<TopicRequest> topics;
  int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;
  void fields(Codec& c) {
    c.field("topics", topics).field("response_partition_limit", response_partition_limit);
    c.field("cursor", cursor);
  }
};

/// The answer to DescribeTopicPartitions.
struct DescribeTopicPartitionsResponse {
  static constexpr const char* type_name = "DescribeTopicPartitionsResponse";
  static constexpr int16_t api_key = 75, min_version = 0, max_version = 0, first_flexible = 0;
  using Cursor = TopicPartitionCursor;

  struct DescribeTopicPartitionsResponsePartition {
    ErrorCode error_code = ErrorCode::none;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;
    std::vector<int32_t> offline_replicas;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("partition_index", partition_index);
      c.field("leader_id", leader_id).field("leader_epoch", leader_epoch);
      c.field("replica_nodes", replica_nodes).field("isr_nodes", isr_nodes);
      c.field("eligible_leader_replicas", eligible_leader_replicas).field("last_known_elr", last_known_elr);
      c.field("offline_replicas", offline_replicas);
    }
  };

  struct DescribeTopicPartitionsResponseTopic {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> name = "";
    Uuid topic_id;
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions;
    int32_t topic_authorized_operations = INT32_MIN;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("name", name).field("topic_id", topic_id);
      c.field("is_internal", is_internal).field("partitions", partitions);
      c.field("topic_authorized_operations", topic_authorized_operations);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics;
  std::optional<Cursor> next_cursor;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("topics", topics).field("next_cursor", next_cursor);
  }
};

}  // namespace kt::wire
