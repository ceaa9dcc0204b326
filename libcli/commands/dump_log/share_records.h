#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libbroker/wire/codec.h"

namespace kt::cli::dump_log {

// What stands in __share_group_state (KIP-932, as Kafka 4.1 writes it). kt has no share groups; it shows the
// records of brokers that do.

struct ShareStateBatch {
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int8_t delivery_state = 0;  // 0 available, 2 acknowledged, 4 archived
  int16_t delivery_count = 0;
  void fields(wire::Codec& c) {
    c.field("first_offset", first_offset).field("last_offset", last_offset);
    c.field("delivery_state", delivery_state).field("delivery_count", delivery_count);
  }
};

/// Key of the whole state of a share-partition.
struct ShareSnapshotKey {
  static constexpr const char* type_name = "ShareSnapshotKey";
  static constexpr int16_t api_key = 0, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  Uuid topic_id;
  int32_t partition = 0;
  void fields(wire::Codec& c) {
    c.field("group_id", group_id).field("topic_id", topic_id).field("partition", partition);
  }
};

/// The whole state of a share-partition.
struct ShareSnapshotValue {
  static constexpr const char* type_name = "ShareSnapshotValue";
  static constexpr int16_t api_key = 0, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t snapshot_epoch = 0;
  int32_t state_epoch = 0;
  int32_t leader_epoch = 0;
  int64_t start_offset = 0;
  int64_t create_timestamp = 0;
  int64_t write_timestamp = 0;
  std::vector<ShareStateBatch> state_batches;
  void fields(wire::Codec& c) {
    c.field("snapshot_epoch", snapshot_epoch).field("state_epoch", state_epoch);
    c.field("leader_epoch", leader_epoch).field("start_offset", start_offset);
    c.field("create_timestamp", create_timestamp).field("write_timestamp", write_timestamp);
    c.field("state_batches", state_batches);
  }
};

/// Key of a change of that state.
struct ShareUpdateKey : ShareSnapshotKey {
  static constexpr const char* type_name = "ShareUpdateKey";
  static constexpr int16_t api_key = 1;
};

/// What changed since the snapshot.
struct ShareUpdateValue {
  static constexpr const char* type_name = "ShareUpdateValue";
  static constexpr int16_t api_key = 1, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t snapshot_epoch = 0;
  int32_t leader_epoch = 0;
  int64_t start_offset = 0;
  std::vector<ShareStateBatch> state_batches;
  void fields(wire::Codec& c) {
    c.field("snapshot_epoch", snapshot_epoch).field("leader_epoch", leader_epoch);
    c.field("start_offset", start_offset).field("state_batches", state_batches);
  }
};

}  // namespace kt::cli::dump_log
