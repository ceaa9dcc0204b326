#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Contents of the quorum-state file: the ballot that must survive a crash.
struct QuorumStateData {
  static constexpr const char* type_name = "QuorumStateData";
  static constexpr int16_t min_version = 0, max_version = 1, first_flexible = 0;

  struct Voter {
    int32_t voter_id = 0;
    void fields(Codec& c) { c.field("voter_id", voter_id); }
  };

  std::string cluster_id;
  int32_t leader_id = -1;
  int32_t leader_epoch = -1;
  int32_t voted_id = -1;
  Uuid voted_directory_id;
  int64_t applied_offset = 0;
  std::optional<std::vector<Voter>> current_voters = std::vector<Voter>{};
  void fields(Codec& c) {
    c.field("cluster_id", cluster_id, between(0, 0)).field("leader_id", leader_id);
    c.field("leader_epoch", leader_epoch).field("voted_id", voted_id);
    c.field("voted_directory_id", voted_directory_id, since(1));
    c.field("applied_offset", applied_offset, between(0, 0));
    c.field("current_voters", current_voters, between(0, 0));
  }
};

/// Contents of a .snapshot file after its version and CRC: producers of a partition.
struct ProducerSnapshot {
  static constexpr const char* type_name = "ProducerSnapshot";
  static constexpr int16_t min_version = 1, max_version = 1, first_flexible = 32767;

  struct ProducerEntry {
    int64_t producer_id = 0;
    int16_t epoch = 0;
    int32_t last_sequence = 0;
    int64_t last_offset = 0;
    int32_t offset_delta = 0;
    int64_t timestamp = 0;
    int32_t coordinator_epoch = 0;
    int64_t current_txn_first_offset = 0;
    void fields(Codec& c) {
      c.field("producer_id", producer_id).field("epoch", epoch).field("last_sequence", last_sequence);
      c.field("last_offset", last_offset).field("offset_delta", offset_delta).field("timestamp", timestamp);
      c.field("coordinator_epoch", coordinator_epoch);
      c.field("current_txn_first_offset", current_txn_first_offset);
    }
  };

  uint32_t crc = 0;
  std::vector<ProducerEntry> producer_entries;
  void fields(Codec& c) { c.field("crc", crc).field("producer_entries", producer_entries); }
};

}  // namespace kt::wire
