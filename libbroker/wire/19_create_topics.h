#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// CreateTopics, key 19: creates topics. KIP-4, KIP-464 (v4: defaults), KIP-525 (v5: configs in the answer),
/// KIP-599 (v6: quota), KIP-516 (v7: topic ids).
struct CreateTopicsRequest {
  static constexpr const char* type_name = "CreateTopicsRequest";
  static constexpr int16_t api_key = 19, min_version = 2, max_version = 7, first_flexible = 5;

  struct CreatableReplicaAssignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("broker_ids", broker_ids); }
  };

  struct CreatableTopicConfig {
    std::string name;
    std::optional<std::string> value = "";
    void fields(Codec& c) { c.field("name", name).field("value", value); }
  };

  struct CreatableTopic {
    std::string name;
    int32_t num_partitions = 0;
    int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments;
    std::vector<CreatableTopicConfig> configs;
    void fields(Codec& c) {
      c.field("name", name).field("num_partitions", num_partitions);
      c.field("replication_factor", replication_factor).field("assignments", assignments);
      c.field("configs", configs);
    }
  };

  std::vector<CreatableTopic> topics;
  int32_t timeout_ms = 60000;
  bool validate_only = false;
  void fields(Codec& c) {
    c.field("topics", topics).field("timeout_ms", timeout_ms).field("validate_only", validate_only);
  }
};

/// The answer to CreateTopics.
struct CreateTopicsResponse {
  static constexpr const char* type_name = "CreateTopicsResponse";
  static constexpr int16_t api_key = 19, min_version = 2, max_version = 7, first_flexible = 5;

  struct CreatableTopicConfigs {
    std::string name;
    std::optional<std::string> value = "";
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    void fields(Codec& c) {
      c.field("name", name).field("value", value).field("read_only", read_only);
      c.field("config_source", config_source).field("is_sensitive", is_sensitive);
    }
  };

  struct CreatableTopicResult {
    std::string name;
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    int16_t topic_config_error_code = 0;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs = std::vector<CreatableTopicConfigs>{};
    void fields(Codec& c) {
      c.field("name", name).field("topic_id", topic_id, since(7).ignorable());
      c.field("error_code", error_code).field("error_message", error_message);
      c.field("num_partitions", num_partitions, since(5).ignorable());
      c.field("replication_factor", replication_factor, since(5).ignorable());
      c.field("configs", configs, since(5).ignorable());
      c.tagged(0, "topic_config_error_code", topic_config_error_code, since(5).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("topics", topics); }
};

}  // namespace kt::wire
