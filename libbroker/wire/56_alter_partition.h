#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// AlterPartition, key 56: changes the ISR of partitions, from their leader to the controller. KIP-497,
/// KIP-704 (recovery state), KIP-841 (v2: topic ids), KIP-903 (v3: broker epochs).
struct AlterPartitionRequest {
  static constexpr const char* type_name = "AlterPartitionRequest";
  static constexpr int16_t api_key = 56, min_version = 2, max_version = 3, first_flexible = 0;

  struct BrokerState {
    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    void fields(Codec& c) { c.field("broker_id", broker_id).field("broker_epoch", broker_epoch); }
  };

  struct PartitionData {
    int32_t partition_index = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> new_isr;
    std::vector<BrokerState> new_isr_with_epochs;
    int8_t leader_recovery_state = 0;
    int32_t partition_epoch = 0;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("leader_epoch", leader_epoch);
      c.field("new_isr", new_isr, between(2, 2)).field("new_isr_with_epochs", new_isr_with_epochs, since(3));
      c.field("leader_recovery_state", leader_recovery_state).field("partition_epoch", partition_epoch);
    }
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  std::vector<TopicData> topics;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("broker_epoch", broker_epoch).field("topics", topics);
  }
};

/// The answer to AlterPartition.
struct AlterPartitionResponse {
  static constexpr const char* type_name = "AlterPartitionResponse";
  static constexpr int16_t api_key = 56, min_version = 2, max_version = 3, first_flexible = 0;

  struct PartitionData {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr;
    int8_t leader_recovery_state = 0;
    int32_t partition_epoch = 0;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("leader_id", leader_id).field("leader_epoch", leader_epoch).field("isr", isr);
      c.field("leader_recovery_state", leader_recovery_state).field("partition_epoch", partition_epoch);
    }
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicData> topics;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code).field("topics", topics);
  }
};

}  // namespace kt::wire
