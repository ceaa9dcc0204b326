#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ConsumerGroupHeartbeat, key 68: joins, keeps and leaves a consumer group of the new protocol. KIP-848.
struct ConsumerGroupHeartbeatRequest {
  static constexpr const char* type_name = "ConsumerGroupHeartbeatRequest";
  static constexpr int16_t api_key = 68, min_version = 0, max_version = 1, first_flexible = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  std::string group_id;
  std::string member_id;
  int32_t member_epoch = 0;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;
  std::optional<std::string> server_assignor;
  std::optional<std::vector<TopicPartitions>> topic_partitions;
  void fields(Codec& c) {
    c.field("group_id", group_id).field("member_id", member_id).field("member_epoch", member_epoch);
    c.field("instance_id", instance_id).field("rack_id", rack_id);
    c.field("rebalance_timeout_ms", rebalance_timeout_ms);
    c.field("subscribed_topic_names", subscribed_topic_names);
    c.field("subscribed_topic_regex", subscribed_topic_regex, since(1));
    c.field("server_assignor", server_assignor).field("topic_partitions", topic_partitions);
  }
};

/// The answer to ConsumerGroupHeartbeat.
struct ConsumerGroupHeartbeatResponse {
  static constexpr const char* type_name = "ConsumerGroupHeartbeatResponse";
  static constexpr int16_t api_key = 68, min_version = 0, max_version = 1, first_flexible = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
    bool operator==(const TopicPartitions&) const = default;
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;
    void fields(Codec& c) { c.field("topic_partitions", topic_partitions); }
    bool operator==(const Assignment&) const = default;
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message;
  std::optional<std::string> member_id;
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("member_id", member_id);
    c.field("member_epoch", member_epoch).field("heartbeat_interval_ms", heartbeat_interval_ms);
    c.field("assignment", assignment);
  }
};

}  // namespace kt::wire
