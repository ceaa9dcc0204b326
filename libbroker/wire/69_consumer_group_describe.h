#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// ConsumerGroupDescribe, key 69: shows consumer groups of the new protocol. KIP-848.
struct ConsumerGroupDescribeRequest {
  static constexpr const char* type_name = "ConsumerGroupDescribeRequest";
  static constexpr int16_t api_key = 69, min_version = 0, max_version = 1, first_flexible = 0;

  std::vector<std::string> group_ids;
  bool include_authorized_operations = false;
  void fields(Codec& c) {
    c.field("group_ids", group_ids).field("include_authorized_operations", include_authorized_operations);
  }
};

/// The answer to ConsumerGroupDescribe.
struct ConsumerGroupDescribeResponse {
  static constexpr const char* type_name = "ConsumerGroupDescribeResponse";
  static constexpr int16_t api_key = 69, min_version = 0, max_version = 1, first_flexible = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::string topic_name;
    std::vector<int32_t> partitions;
    void fields(Codec& c) {
      c.field("topic_id", topic_id).field("topic_name", topic_name).field("partitions", partitions);
    }
    bool operator==(const TopicPartitions&) const = default;
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;
    void fields(Codec& c) { c.field("topic_partitions", topic_partitions); }
    bool operator==(const Assignment&) const = default;
  };

  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    int32_t member_epoch = 0;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex;
    Assignment assignment;
    Assignment target_assignment;
    int8_t member_type = -1;
    void fields(Codec& c) {
      c.field("member_id", member_id).field("instance_id", instance_id).field("rack_id", rack_id);
      c.field("member_epoch", member_epoch).field("client_id", client_id).field("client_host", client_host);
      c.field("subscribed_topic_names", subscribed_topic_names);
      c.field("subscribed_topic_regex", subscribed_topic_regex).field("assignment", assignment);
      c.field("target_assignment", target_assignment);
      c.field("member_type", member_type, since(1).ignorable());
    }
  };

  struct DescribedGroup {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::string assignor_name;
    std::vector<Member> members;
    int32_t authorized_operations = INT32_MIN;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("error_message", error_message).field("group_id", group_id);
      c.field("group_state", group_state).field("group_epoch", group_epoch);
      c.field("assignment_epoch", assignment_epoch).field("assignor_name", assignor_name);
      c.field("members", members).field("authorized_operations", authorized_operations);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("groups", groups); }
};

}  // namespace kt::wire
