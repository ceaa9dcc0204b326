#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// First record of a quorum leader's epoch (control type 2).
struct LeaderChangeMessage {
  static constexpr const char* type_name = "LeaderChangeMessage";
  static constexpr int16_t min_version = 0, max_version = 1, first_flexible = 0;

  struct Voter {
    int32_t voter_id = 0;
    Uuid voter_directory_id;
    void fields(Codec& c) {
      c.field("voter_id", voter_id).field("voter_directory_id", voter_directory_id, since(1));
    }
  };

  int16_t version = 0;
  int32_t leader_id = 0;
  std::vector<Voter> voters;
  std::vector<Voter> granting_voters;
  void fields(Codec& c) {
    c.field("version", version).field("leader_id", leader_id).field("voters", voters);
    c.field("granting_voters", granting_voters);
  }
};

/// First record of a snapshot (control type 3, KIP-630).
struct SnapshotHeaderRecord {
  static constexpr const char* type_name = "SnapshotHeaderRecord";
  static constexpr int16_t min_version = 0, max_version = 0, first_flexible = 0;

  int16_t version = 0;
  int64_t last_contained_log_timestamp = 0;
  void fields(Codec& c) {
    c.field("version", version).field("last_contained_log_timestamp", last_contained_log_timestamp);
  }
};

/// Last record of a snapshot (control type 4, KIP-630).
struct SnapshotFooterRecord {
  static constexpr const char* type_name = "SnapshotFooterRecord";
  static constexpr int16_t min_version = 0, max_version = 0, first_flexible = 0;

  int16_t version = 0;
  void fields(Codec& c) { c.field("version", version); }
};

/// Version of the quorum's own protocol (control type 5, KIP-853).
struct KRaftVersionRecord {
  static constexpr const char* type_name = "KRaftVersionRecord";
  static constexpr int16_t min_version = 0, max_version = 0, first_flexible = 0;

  int16_t version = 0;
  int16_t k_raft_version = 0;
  void fields(Codec& c) { c.field("version", version).field("k_raft_version", k_raft_version); }
};

/// The voter set (control type 6, KIP-853).
struct VotersRecord {
  static constexpr const char* type_name = "VotersRecord";
  static constexpr int16_t min_version = 0, max_version = 0, first_flexible = 0;

  struct Endpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;
    void fields(Codec& c) { c.field("name", name).field("host", host).field("port", port); }
  };

  struct KRaftVersionFeature {
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    void fields(Codec& c) {
      c.field("min_supported_version", min_supported_version);
      c.field("max_supported_version", max_supported_version);
    }
    bool operator==(const KRaftVersionFeature&) const = default;
  };

  struct Voter {
    int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Endpoint> endpoints;
    KRaftVersionFeature k_raft_version_feature;
    void fields(Codec& c) {
      c.field("voter_id", voter_id).field("voter_directory_id", voter_directory_id);
      c.field("endpoints", endpoints).field("k_raft_version_feature", k_raft_version_feature);
    }
  };

  int16_t version = 0;
  std::vector<Voter> voters;
  void fields(Codec& c) { c.field("version", version).field("voters", voters); }
};

/// Value of a commit or abort marker (control types 0 and 1).
struct EndTxnMarker {
  static constexpr const char* type_name = "EndTxnMarker";
  static constexpr int16_t min_version = 0, max_version = 0, first_flexible = 32767;

  int32_t coordinator_epoch = 0;
  void fields(Codec& c) { c.field("coordinator_epoch", coordinator_epoch); }
};

}  // namespace kt::wire
