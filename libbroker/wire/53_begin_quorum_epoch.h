#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// BeginQuorumEpoch, key 53: tells voters who leads the metadata quorum. KIP-595, KIP-853 (v1).
struct BeginQuorumEpochRequest {
  static constexpr const char* type_name = "BeginQuorumEpochRequest";
  static constexpr int16_t api_key = 53, min_version = 0, max_version = 1, first_flexible = 1;

  struct PartitionData {
    int32_t partition_index = 0;
    Uuid voter_directory_id;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    void fields(Codec& c) {
      c.field("partition_index", partition_index);
      c.field("voter_directory_id", voter_directory_id, since(1).ignorable()).field("leader_id", leader_id);
      c.field("leader_epoch", leader_epoch);
    }
  };

  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_name", topic_name).field("partitions", partitions); }
  };

  struct LeaderEndpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("name", name).field("host", host).field("port", port); }
  };

  std::optional<std::string> cluster_id;
  int32_t voter_id = -1;
  std::vector<TopicData> topics;
  std::vector<LeaderEndpoint> leader_endpoints;
  void fields(Codec& c) {
    c.field("cluster_id", cluster_id).field("voter_id", voter_id, since(1).ignorable());
    c.field("topics", topics).field("leader_endpoints", leader_endpoints, since(1).ignorable());
  }
};

/// The answer to BeginQuorumEpoch.
struct BeginQuorumEpochResponse {
  static constexpr const char* type_name = "BeginQuorumEpochResponse";
  static constexpr int16_t api_key = 53, min_version = 0, max_version = 1, first_flexible = 1;

  struct PartitionData {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("leader_id", leader_id).field("leader_epoch", leader_epoch);
    }
  };

  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_name", topic_name).field("partitions", partitions); }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("node_id", node_id).field("host", host).field("port", port); }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicData> topics;
  std::vector<NodeEndpoint> node_endpoints;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("topics", topics);
    c.tagged(0, "node_endpoints", node_endpoints, since(1));
  }
};

}  // namespace kt::wire
