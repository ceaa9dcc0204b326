#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Vote, key 52: asks for a vote in the metadata quorum. KIP-595, KIP-853 (v1: voter keys), KIP-996 (v2:
/// pre-vote).
struct VoteRequest {
  static constexpr const char* type_name = "VoteRequest";
  static constexpr int16_t api_key = 52, min_version = 0, max_version = 2, first_flexible = 0;

  struct PartitionData {
    int32_t partition_index = 0;
    int32_t replica_epoch = 0;
    int32_t replica_id = 0;
    Uuid replica_directory_id;
    Uuid voter_directory_id;
    int32_t last_offset_epoch = 0;
    int64_t last_offset = 0;
    bool pre_vote = false;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("replica_epoch", replica_epoch);
      c.field("replica_id", replica_id);
      c.field("replica_directory_id", replica_directory_id, since(1).ignorable());
      c.field("voter_directory_id", voter_directory_id, since(1).ignorable());
      c.field("last_offset_epoch", last_offset_epoch).field("last_offset", last_offset);
      c.field("pre_vote", pre_vote, since(2));
    }
  };

  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_name", topic_name).field("partitions", partitions); }
  };

  std::optional<std::string> cluster_id;
  int32_t voter_id = -1;
  std::vector<TopicData> topics;
  void fields(Codec& c) {
    c.field("cluster_id", cluster_id).field("voter_id", voter_id, since(1).ignorable());
    c.field("topics", topics);
  }
};

/// The answer to Vote.
struct VoteResponse {
  static constexpr const char* type_name = "VoteResponse";
  static constexpr int16_t api_key = 52, min_version = 0, max_version = 2, first_flexible = 0;

  struct PartitionData {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    bool vote_granted = false;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("leader_id", leader_id).field("leader_epoch", leader_epoch);
      c.field("vote_granted", vote_granted);
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
