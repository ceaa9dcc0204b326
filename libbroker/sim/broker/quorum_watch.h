#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/raft/raft.h"

namespace kt::node {
class MetadataQuorum;
}

namespace kt::sim {

/// Holds the voters of a quorum to Raft: one leader for an epoch, and one life of it (R1); epochs and votes
/// that are never taken back, through crashes too, and are on the medium before anybody hears of them (R2),
/// as those are that made a leader; a leader that has all that is committed (R4); what is committed on the
/// medium of a majority (R5), never cut off (R7), and committed by a record of the leader's own epoch (R8);
/// no candidate but by the pre-vote of a majority, of whom some had lost the leader (R14).
class QuorumWatch {
 public:
  using Told = std::function<void(std::string)>;
  /// Voters are numbered from 0, by ids from 1.
  QuorumWatch(uint32_t voters, Told violated, Told tell);

  /// What a power cut would leave of a voter's ballot, or has left.
  using Medium = std::function<raft::Ballot(uint32_t voter)>;
  /// After each event of a voter; `start` counts the lives of its process.
  void look(uint32_t voter, uint64_t start, const node::MetadataQuorum& quorum, int64_t now_ns,
            const Medium& medium);
  uint64_t leaders() const { return leaders_.size(); }

 private:
  struct Voter {
    // What outlives its process.
    int32_t epoch = 0;
    std::optional<int32_t> voted_for;
    int64_t durable_end = 0;
    // Of one life.
    uint64_t start = 0;
    raft::Ballot on_medium;  // as it was looked for last
    size_t role = 0;
    int64_t high_watermark = 0;
    int64_t prospective_since_ns = 0;
    std::optional<int64_t> in_touch_since_ns;  // leads, or fetches from who does
  };
  void check_ballot(int32_t id, Voter& voter, const raft::Ballot& ballot);
  void check_medium(int32_t id, Voter& voter, const raft::Ballot& ballot, const Medium& medium);
  void check_candidacy(int32_t id, const Voter& candidate);
  void check_leader(int32_t id, const Voter& voter, const raft::Raft& raft, const Medium& medium);
  void check_votes(int32_t id, int32_t epoch, const Medium& medium);

  const Told violated_, tell_;
  std::vector<Voter> voters_;
  std::map<int32_t, std::pair<int32_t, uint64_t>> leaders_;  // by epoch: who, in which life
  record::LogEnd committed_;
};

}  // namespace kt::sim
