#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// What a member of a classic consumer group wants, in JoinGroup metadata.
struct ConsumerProtocolSubscription {
  static constexpr const char* type_name = "ConsumerProtocolSubscription";
  static constexpr int16_t min_version = 0, max_version = 3, first_flexible = 32767;

  struct TopicPartition {
    std::string topic;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  std::vector<std::string> topics;
  Slice user_data;
  std::vector<TopicPartition> owned_partitions;
  int32_t generation_id = -1;
  std::optional<std::string> rack_id;
  void fields(Codec& c) {
    c.field("topics", topics).field("user_data", user_data);
    c.field("owned_partitions", owned_partitions, since(1).ignorable());
    c.field("generation_id", generation_id, since(2).ignorable());
    c.field("rack_id", rack_id, since(3).ignorable());
  }
};

/// What a member of a classic consumer group got, in SyncGroup assignments.
struct ConsumerProtocolAssignment {
  static constexpr const char* type_name = "ConsumerProtocolAssignment";
  static constexpr int16_t min_version = 0, max_version = 3, first_flexible = 32767;

  struct TopicPartition {
    std::string topic;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  std::vector<TopicPartition> assigned_partitions;
  Slice user_data;
  void fields(Codec& c) { c.field("assigned_partitions", assigned_partitions).field("user_data", user_data); }
};

}  // namespace kt::wire
