#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Metadata, key 3: names brokers, topics, partitions and their leaders. KIP-4 (v4: auto creation), KIP-430
/// (v8: authorized operations), KIP-516 (v10, v12: topic ids), KIP-1102 (v13: rebootstrap).
struct MetadataRequest {
  static constexpr const char* type_name = "MetadataRequest";
  static constexpr int16_t api_key = 3, min_version = 0, max_version = 13, first_flexible = 9;

  struct MetadataRequestTopic {
    Uuid topic_id;
    std::optional<std::string> name = "";
    void fields(Codec& c) {
      c.field("topic_id", topic_id, since(10).ignorable()).field("name", name, always().nullable(10, 13));
    }
  };

  std::optional<std::vector<MetadataRequestTopic>> topics = std::vector<MetadataRequestTopic>{};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  void fields(Codec& c) {
    c.field("topics", topics, always().nullable(1, 13));
    c.field("allow_auto_topic_creation", allow_auto_topic_creation, since(4));
    c.field("include_cluster_authorized_operations", include_cluster_authorized_operations, between(8, 10));
    c.field("include_topic_authorized_operations", include_topic_authorized_operations, since(8));
  }
};

/// The answer to Metadata.
struct MetadataResponse {
  static constexpr const char* type_name = "MetadataResponse";
  static constexpr int16_t api_key = 3, min_version = 0, max_version = 13, first_flexible = 9;

  struct MetadataResponseBroker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    void fields(Codec& c) {
      c.field("node_id", node_id).field("host", host).field("port", port);
      c.field("rack", rack, since(1).ignorable());
    }
  };

  struct MetadataResponsePartition {
    ErrorCode error_code = ErrorCode::none;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::vector<int32_t> offline_replicas;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("partition_index", partition_index);
      c.field("leader_id", leader_id).field("leader_epoch", leader_epoch, since(7).ignorable());
      c.field("replica_nodes", replica_nodes).field("isr_nodes", isr_nodes);
      c.field("offline_replicas", offline_replicas, since(5).ignorable());
    }
  };

  struct MetadataResponseTopic {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> name = "";
    Uuid topic_id;
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions;
    int32_t topic_authorized_operations = INT32_MIN;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("name", name, always().nullable(12, 13));
      c.field("topic_id", topic_id, since(10).ignorable());
      c.field("is_internal", is_internal, since(1).ignorable()).field("partitions", partitions);
      c.field("topic_authorized_operations", topic_authorized_operations, since(8));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics;
  int32_t cluster_authorized_operations = INT32_MIN;
  ErrorCode error_code = ErrorCode::none;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms, since(3).ignorable()).field("brokers", brokers);
    c.field("cluster_id", cluster_id, since(2).ignorable());
    c.field("controller_id", controller_id, since(1).ignorable()).field("topics", topics);
    c.field("cluster_authorized_operations", cluster_authorized_operations, between(8, 10));
    c.field("error_code", error_code, since(13).ignorable());
  }
};

}  // namespace kt::wire
