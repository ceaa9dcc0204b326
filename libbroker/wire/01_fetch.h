#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Fetch, key 1: reads record batches, for consumers, followers and the metadata quorum. KIP-227 (v7:
/// sessions), KIP-320 (v9, v12: epochs), KIP-392 (v11: rack), KIP-516 (v13: topic ids), KIP-903 (v15),
/// KIP-951 (v16), KIP-853 (v17), KIP-1166 (v18).
struct FetchRequest {
  static constexpr const char* type_name = "FetchRequest";
  static constexpr int16_t api_key = 1, min_version = 4, max_version = 18, first_flexible = 12;

  struct ReplicaState {
    int32_t replica_id = -1;
    int64_t replica_epoch = -1;
    void fields(Codec& c) { c.field("replica_id", replica_id).field("replica_epoch", replica_epoch); }
    bool operator==(const ReplicaState&) const = default;
  };

  struct FetchPartition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t partition_max_bytes = 0;
    Uuid replica_directory_id;
    int64_t high_watermark = INT64_MAX;
    void fields(Codec& c) {
      c.field("partition", partition);
      c.field("current_leader_epoch", current_leader_epoch, since(9).ignorable());
      c.field("fetch_offset", fetch_offset).field("last_fetched_epoch", last_fetched_epoch, since(12));
      c.field("log_start_offset", log_start_offset, since(5).ignorable());
      c.field("partition_max_bytes", partition_max_bytes);
      c.tagged(0, "replica_directory_id", replica_directory_id, since(17).ignorable());
      c.tagged(1, "high_watermark", high_watermark, since(18).ignorable());
    }
  };

  struct FetchTopic {
    std::string topic;
    Uuid topic_id;
    std::vector<FetchPartition> partitions;
    void fields(Codec& c) {
      c.field("topic", topic, between(4, 12).ignorable()).field("topic_id", topic_id, since(13).ignorable());
      c.field("partitions", partitions);
    }
  };

  struct ForgottenTopic {
    std::string topic;
    Uuid topic_id;
    std::vector<int32_t> partitions;
    void fields(Codec& c) {
      c.field("topic", topic, between(7, 12).ignorable()).field("topic_id", topic_id, since(13).ignorable());
      c.field("partitions", partitions);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  ReplicaState replica_state;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = INT32_MAX;
  int8_t isolation_level = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<FetchTopic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  std::string rack_id;
  void fields(Codec& c) {
    c.field("replica_id", replica_id, between(4, 14)).field("max_wait_ms", max_wait_ms);
    c.field("min_bytes", min_bytes).field("max_bytes", max_bytes).field("isolation_level", isolation_level);
    c.field("session_id", session_id, since(7).ignorable());
    c.field("session_epoch", session_epoch, since(7).ignorable()).field("topics", topics);
    c.field("forgotten_topics_data", forgotten_topics_data, since(7));
    c.field("rack_id", rack_id, since(11).ignorable());
    c.tagged(0, "cluster_id", cluster_id, since(12).ignorable());
    c.tagged(1, "replica_state", replica_state, since(15));
  }
};

/// The answer to Fetch.
struct FetchResponse {
  static constexpr const char* type_name = "FetchResponse";
  static constexpr int16_t api_key = 1, min_version = 4, max_version = 18, first_flexible = 12;

  struct EpochEndOffset {
    int32_t epoch = -1;
    int64_t end_offset = -1;
    void fields(Codec& c) { c.field("epoch", epoch).field("end_offset", end_offset); }
    bool operator==(const EpochEndOffset&) const = default;
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    void fields(Codec& c) { c.field("leader_id", leader_id).field("leader_epoch", leader_epoch); }
    bool operator==(const LeaderIdAndEpoch&) const = default;
  };

  struct SnapshotId {
    int64_t end_offset = -1;
    int32_t epoch = -1;
    void fields(Codec& c) { c.field("end_offset", end_offset).field("epoch", epoch); }
    bool operator==(const SnapshotId&) const = default;
  };

  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;
    void fields(Codec& c) { c.field("producer_id", producer_id).field("first_offset", first_offset); }
  };

  struct PartitionData {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t high_watermark = 0;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions = std::vector<AbortedTransaction>{};
    int32_t preferred_read_replica = -1;
    Records records;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("error_code", error_code);
      c.field("high_watermark", high_watermark).field("last_stable_offset", last_stable_offset);
      c.field("log_start_offset", log_start_offset, since(5).ignorable());
      c.field("aborted_transactions", aborted_transactions);
      c.field("preferred_read_replica", preferred_read_replica, since(11)).field("records", records);
      c.tagged(0, "diverging_epoch", diverging_epoch, since(12));
      c.tagged(1, "current_leader", current_leader, since(12));
      c.tagged(2, "snapshot_id", snapshot_id, since(12));
    }
  };

  struct FetchableTopicResponse {
    std::string topic;
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    void fields(Codec& c) {
      c.field("topic", topic, between(4, 12).ignorable()).field("topic_id", topic_id, since(13).ignorable());
      c.field("partitions", partitions);
    }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    void fields(Codec& c) {
      c.field("node_id", node_id).field("host", host).field("port", port).field("rack", rack);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  int32_t session_id = 0;
  std::vector<FetchableTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code, since(7).ignorable());
    c.field("session_id", session_id, since(7)).field("responses", responses);
    c.tagged(0, "node_endpoints", node_endpoints, since(16));
  }
};

}  // namespace kt::wire
