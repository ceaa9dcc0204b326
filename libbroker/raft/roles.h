#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "libbroker/raft/messages.h"
#include "libbroker/raft/replicas.h"
#include "libbroker/raft/vote_tally.h"

// What a replica is, with what it needs to know only while it is that. Times are absolute.
namespace kt::raft {

/// Knows no leader that it could follow. May have voted.
struct Unattached {
  int64_t election_at_ms = 0;
  std::optional<int32_t> asked = {};  // an observer: the node it asked last for the leader
};

/// Asks whether it would be elected, before it raises the epoch (KIP-996).
struct Prospective {
  VoteTally tally;
  int64_t election_at_ms = 0;  // when it gives up
  bool is_early = false;       // no timeout has passed: the epoch is not to be raised unasked
};

/// Voted for itself in a new epoch.
struct Candidate {
  VoteTally tally;
  int64_t election_at_ms = 0;  // when it tries again
  bool is_backing_off = false;
};

/// Fetches from the leader of its epoch.
struct Follower {
  struct Download {
    LogEnd id = {};
    int64_t position = 0;
  };
  int32_t leader_id = -1;
  int64_t fetch_by_ms = 0;
  bool has_fetched = false;  // from this leader: then it is in touch, and grants no pre-vote
  int refusals = 0;          // connections to it refused in a row
  std::optional<Download> download = {};
};

/// Was elected in its epoch.
struct Leader {
  struct Parked {
    uint64_t token = 0;
    FetchRequest request = {};
    int64_t answer_by_ms = 0;
  };
  int64_t epoch_start_offset = 0;
  Replicas replicas;
  bool knows_high_watermark = false;            // only once something of its own epoch is committed
  std::map<int32_t, int64_t> begin_at_ms = {};  // when to tell a voter again that the epoch began
  std::vector<Parked> parked = {};
};

/// Led its epoch, and does no more.
struct Resigned {
  int64_t election_at_ms = 0;
  std::vector<ReplicaKey> successors = {};
  std::set<int32_t> uninformed = {};  // voters that have not acknowledged it
};

using Role = std::variant<Unattached, Prospective, Candidate, Follower, Leader, Resigned>;

}  // namespace kt::raft
