#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "libbroker/raft/voter_set.h"

namespace kt::raft {

/// How far one replica got, as its leader sees it (DescribeQuorum's ReplicaState). -1: not known.
struct ReplicaProgress {
  ReplicaKey key = {};
  int64_t end_offset = -1;         // everything below it is durable there
  int64_t last_fetch_ms = -1;      // times are those of the events
  int64_t last_caught_up_ms = -1;  // when it had all that the leader had
};

/// A leader's view of everyone who fetches from it, and of the voters who should.
class Replicas {
 public:
  static constexpr int64_t observer_session_ms = 300'000;  // an observer silent for so long is forgotten
  static constexpr size_t replicas_max = 4096;             // more are served, but not remembered

  Replicas(ReplicaKey self, int64_t elected_ms) : self_(self), elected_ms_(elected_ms) {}

  /// `from` has everything below `offset`; the leader's own log ends at `log_end`.
  void fetched(const ReplicaKey& from, int64_t offset, int64_t log_end, const VoterSet& voters,
               int64_t now_ms);
  /// `from` follows, but its end is not known: it fetches a snapshot.
  void heard(const ReplicaKey& from, const VoterSet& voters, int64_t now_ms);

  /// The offset that a majority has durably, this replica up to `own_end`; -1 when too few have told.
  int64_t majority_end(const VoterSet& voters, int64_t own_end) const;
  /// Since when no majority, this replica included, has been heard: the least recent fetch of the freshest
  /// majority.
  int64_t majority_heard_ms(const VoterSet& voters, int64_t now_ms) const;
  /// The voter's last fetch, of whatever kind; -1 when there was none.
  int64_t last_heard_ms(const ReplicaKey& voter) const;
  /// The other voters, the most advanced first.
  std::vector<ReplicaKey> successors(const VoterSet& voters) const;
  ReplicaProgress of(const ReplicaKey& replica) const;
  std::vector<ReplicaProgress> observers(const VoterSet& voters, int64_t now_ms) const;

 private:
  struct State {
    int64_t end_offset = -1;
    int64_t last_fetch_ms = -1;
    int64_t last_caught_up_ms = -1;
    int64_t leader_end_at_last_fetch = -1;
    int64_t last_heard_ms = -1;
  };
  /// Under a voter's key if it is one; null when it is new and there are too many.
  State* at(const ReplicaKey& from, const VoterSet& voters, int64_t now_ms);
  const State* find(const ReplicaKey& key) const;
  bool is_silent(const State& state, int64_t now_ms) const;

  ReplicaKey self_;
  int64_t elected_ms_;
  std::map<ReplicaKey, State> states_;
};

}  // namespace kt::raft
