#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// FetchSnapshot, key 59: reads a part of a metadata snapshot. KIP-630, KIP-853 (v1).
struct FetchSnapshotRequest {
  static constexpr const char* type_name = "FetchSnapshotRequest";
  static constexpr int16_t api_key = 59, min_version = 0, max_version = 1, first_flexible = 0;

  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;
    void fields(Codec& c) { c.field("end_offset", end_offset).field("epoch", epoch); }
    bool operator==(const SnapshotId&) const = default;
  };

  struct PartitionSnapshot {
    int32_t partition = 0;
    int32_t current_leader_epoch = 0;
    SnapshotId snapshot_id;
    int64_t position = 0;
    Uuid replica_directory_id;
    void fields(Codec& c) {
      c.field("partition", partition).field("current_leader_epoch", current_leader_epoch);
      c.field("snapshot_id", snapshot_id).field("position", position);
      c.tagged(0, "replica_directory_id", replica_directory_id, since(1).ignorable());
    }
  };

  struct TopicSnapshot {
    std::string name;
    std::vector<PartitionSnapshot> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  int32_t max_bytes = INT32_MAX;
  std::vector<TopicSnapshot> topics;
  void fields(Codec& c) {
    c.field("replica_id", replica_id).field("max_bytes", max_bytes).field("topics", topics);
    c.tagged(0, "cluster_id", cluster_id);
  }
};

/// The answer to FetchSnapshot.
struct FetchSnapshotResponse {
  static constexpr const char* type_name = "FetchSnapshotResponse";
  static constexpr int16_t api_key = 59, min_version = 0, max_version = 1, first_flexible = 0;

  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;
    void fields(Codec& c) { c.field("end_offset", end_offset).field("epoch", epoch); }
    bool operator==(const SnapshotId&) const = default;
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    void fields(Codec& c) { c.field("leader_id", leader_id).field("leader_epoch", leader_epoch); }
    bool operator==(const LeaderIdAndEpoch&) const = default;
  };

  struct PartitionSnapshot {
    int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    SnapshotId snapshot_id;
    LeaderIdAndEpoch current_leader;
    int64_t size = 0;
    int64_t position = 0;
    Records unaligned_records;
    void fields(Codec& c) {
      c.field("index", index).field("error_code", error_code).field("snapshot_id", snapshot_id);
      c.field("size", size).field("position", position);
      c.field("unaligned_records", unaligned_records, always().not_null());
      c.tagged(0, "current_leader", current_leader);
    }
  };

  struct TopicSnapshot {
    std::string name;
    std::vector<PartitionSnapshot> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("node_id", node_id).field("host", host).field("port", port); }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicSnapshot> topics;
  std::vector<NodeEndpoint> node_endpoints;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code).field("topics", topics);
    c.tagged(0, "node_endpoints", node_endpoints, since(1));
  }
};

}  // namespace kt::wire
