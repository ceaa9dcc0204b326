#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DeleteTopics, key 20: deletes topics. KIP-4, KIP-599 (v5: error message), KIP-516 (v6: by id).
struct DeleteTopicsRequest {
  static constexpr const char* type_name = "DeleteTopicsRequest";
  static constexpr int16_t api_key = 20, min_version = 1, max_version = 6, first_flexible = 4;

  struct DeleteTopicState {
    std::optional<std::string> name;
    Uuid topic_id;
    void fields(Codec& c) { c.field("name", name).field("topic_id", topic_id); }
  };

  std::vector<DeleteTopicState> topics;
  std::vector<std::string> topic_names;
  int32_t timeout_ms = 0;
  void fields(Codec& c) {
    c.field("topics", topics, since(6)).field("topic_names", topic_names, between(1, 5).ignorable());
    c.field("timeout_ms", timeout_ms);
  }
};

/// The answer to DeleteTopics.
struct DeleteTopicsResponse {
  static constexpr const char* type_name = "DeleteTopicsResponse";
  static constexpr int16_t api_key = 20, min_version = 1, max_version = 6, first_flexible = 4;

  struct DeletableTopicResult {
    std::optional<std::string> name = "";
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    void fields(Codec& c) {
      c.field("name", name, always().nullable(6, 6)).field("topic_id", topic_id, since(6).ignorable());
      c.field("error_code", error_code).field("error_message", error_message, since(5).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses;
  void fields(Codec& c) { c.field("throttle_time_ms", throttle_time_ms).field("responses", responses); }
};

}  // namespace kt::wire
