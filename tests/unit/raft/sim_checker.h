#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/raft/sim_node.h"

namespace kt::raft::sim {

/// Watches a quorum from outside and notes the first thing that must not happen (design/reliability.md §3.3).
class Checker {
 public:
  explicit Checker(const std::vector<SimNode>& nodes) : nodes_(nodes) {}

  /// `node` took a step. `died`: while it carried the effects out.
  void after_step(const SimNode& node, const Effects& effects, int64_t now_ms);
  /// A vote leaves `node`.
  void on_vote(const SimNode& node, const VoteRequest& request, const VoteReply& reply);
  void on_crash(const SimNode& node);
  void fail(std::string what) {
    if (!violation_) violation_ = std::move(what);
  }

  const std::optional<std::string>& violation() const { return violation_; }
  /// How much is committed.
  int64_t committed() const { return static_cast<int64_t>(committed_.size()); }
  size_t elections() const { return leaders_.size(); }

 private:
  struct Record {
    int32_t epoch;
    uint64_t value;
    uint64_t state;        // of a state machine that applied everything up to and including it
    int32_t leader_epoch;  // the one in which it was committed
  };
  /// Since when a voter has been in touch with a leader without a break, so that it grants no pre-vote.
  struct Touch {
    int32_t epoch = -1;
    int64_t since_ms = 0;
  };

  void check_election(const SimNode& node);
  void check_ballot(const SimNode& node, const Ballot& ballot);
  void check_commit(const SimNode& node, int64_t high_watermark);
  void check_majority_durable(const SimNode& leader, int64_t high_watermark);
  void check_campaign(const SimNode& node, int64_t now_ms);
  void check_log_start(const SimNode& node);
  void note_touch(const SimNode& node, int64_t now_ms);
  bool has_committed(const SimNode& node, int64_t from, int64_t to) const;

  const std::vector<SimNode>& nodes_;
  std::optional<std::string> violation_;
  std::map<int32_t, int32_t> leaders_;                       // of each epoch
  std::map<int32_t, int32_t> epochs_;                        // persisted by each node
  std::map<std::pair<int32_t, int32_t>, ReplicaKey> votes_;  // of each node in each epoch
  std::map<int32_t, int64_t> high_watermarks_;               // of each node since its start
  std::vector<Record> committed_;                            // by offset
  std::map<int32_t, Touch> touch_;                           // by node
};

}  // namespace kt::raft::sim
