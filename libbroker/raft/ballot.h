#pragma once
#include <cstdint>
#include <optional>

#include "libbroker/raft/voter_set.h"

namespace kt::raft {

/// What a replica must remember through a crash: Kafka's quorum-state file (QuorumStateData).
struct Ballot {
  int32_t epoch = 0;
  std::optional<ReplicaKey> voted_for = {};  // in this epoch; written at most once
  std::optional<int32_t> leader_id = {};     // elected in this epoch, once known
  bool operator==(const Ballot&) const = default;
};

}  // namespace kt::raft
