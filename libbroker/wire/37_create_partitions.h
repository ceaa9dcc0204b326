#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// CreatePartitions, key 37: adds partitions to topics. KIP-195, KIP-599 (v3: quota).
struct CreatePartitionsRequest {
  static constexpr const char* type_name = "CreatePartitionsRequest";
  static constexpr int16_t api_key = 37, min_version = 0, max_version = 3, first_flexible = 2;

  struct CreatePartitionsAssignment {
    std::vector<int32_t> broker_ids;
    void fields(Codec& c) { c.field("broker_ids", broker_ids); }
  };

  struct CreatePartitionsTopic {
    std::string name;
    int32_t count = 0;
    std::optional<std::vector<CreatePartitionsAssignment>> assignments =
        std::vector<CreatePartitionsAssignment>{};
    void fields(Codec& c) { c.field("name", name).field("count", count).field("assignments", assignments); }
  };

  std::vector<CreatePartitionsTopic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;
  void fields(Codec& c) {
    c.field("topics", topics).field("timeout_ms", timeout_ms).field("validate_only", validate_only);
  }
};

/// The answer to CreatePartitions.
struct CreatePartitionsResponse {
  static constexpr const char* type_name = "CreatePartitionsResponse";
  static constexpr int16_t api_key = 37, min_version = 0, max_version = 3, first_flexible = 2;

  struct CreatePartitionsTopicResult {
    std::string name;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    void fields(Codec& c) {
      c.field("name", name).field("error_code", error_code).field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("results", results); }
};

}  // namespace kt::wire
