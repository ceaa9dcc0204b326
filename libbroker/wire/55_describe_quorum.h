#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeQuorum, key 55: shows leader, voters and observers of the metadata quorum. KIP-595, KIP-836 (v1:
/// times), KIP-853 (v2: directories, listeners).
struct DescribeQuorumRequest {
  static constexpr const char* type_name = "DescribeQuorumRequest";
  static constexpr int16_t api_key = 55, min_version = 0, max_version = 2, first_flexible = 0;

  struct PartitionData {
    int32_t partition_index = 0;
    void fields(Codec& c) { c.field("partition_index", partition_index); }
  };

  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_name", topic_name).field("partitions", partitions); }
  };

  std::vector<TopicData> topics;
  void fields(Codec& c) { c.field("topics", topics); }
};

/// The answer to DescribeQuorum.
struct DescribeQuorumResponse {
  static constexpr const char* type_name = "DescribeQuorumResponse";
  static constexpr int16_t api_key = 55, min_version = 0, max_version = 2, first_flexible = 0;

  struct ReplicaState {
    int32_t replica_id = 0;
    Uuid replica_directory_id;
    int64_t log_end_offset = 0;
    int64_t last_fetch_timestamp = -1;
    int64_t last_caught_up_timestamp = -1;
    void fields(Codec& c) {
      c.field("replica_id", replica_id).field("replica_directory_id", replica_directory_id, since(2));
      c.field("log_end_offset", log_end_offset);
      c.field("last_fetch_timestamp", last_fetch_timestamp, since(1).ignorable());
      c.field("last_caught_up_timestamp", last_caught_up_timestamp, since(1).ignorable());
    }
  };

  struct PartitionData {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters;
    std::vector<ReplicaState> observers;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("error_message", error_message, since(2).ignorable()).field("leader_id", leader_id);
      c.field("leader_epoch", leader_epoch).field("high_watermark", high_watermark);
      c.field("current_voters", current_voters).field("observers", observers);
    }
  };

  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) { c.field("topic_name", topic_name).field("partitions", partitions); }
  };

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("name", name).field("host", host).field("port", port); }
  };

  struct Node {
    int32_t node_id = 0;
    std::vector<Listener> listeners;
    void fields(Codec& c) { c.field("node_id", node_id).field("listeners", listeners); }
  };

  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<TopicData> topics;
  std::vector<Node> nodes;
  void fields(Codec& c) {
    c.field("error_code", error_code).field("error_message", error_message, since(2).ignorable());
    c.field("topics", topics).field("nodes", nodes, since(2));
  }
};

}  // namespace kt::wire
