#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/rng.h"
#include "libbroker/raft/ballot.h"
#include "libbroker/raft/effects.h"
#include "libbroker/raft/event.h"
#include "libbroker/raft/log_view.h"
#include "libbroker/raft/options.h"
#include "libbroker/raft/peers.h"
#include "libbroker/raft/roles.h"
#include "libbroker/raft/voter_set.h"

namespace kt::raft {

/// DescribeQuorum, as the leader answers it. Times are those of the events: the driver turns them into wall
/// time.
struct QuorumDescription {
  int32_t leader_id = -1;
  int32_t epoch = 0;
  int64_t high_watermark = high_watermark_unknown;
  std::vector<ReplicaProgress> voters = {}, observers = {};
};

/// One replica of the metadata log: elects, replicates, commits (KIP-595, 630, 853, 996). Pure: events and a
/// time in, effects out. Give it a Tick first, and whenever deadline_ms() has come.
///
/// Transitions, made only by become_*:
///   Unattached  -> Unattached   a newer epoch, or a vote given
///               -> Prospective  election timeout
///               -> Follower     a leader of this or a newer epoch is heard of
///   Prospective -> Unattached   a newer epoch, a vote given, another one let go first, or lost without a
///   leader
///               -> Follower     as Unattached; or lost, back to the leader it knew
///               -> Candidate    a majority would vote for it, or one of them does not know pre-votes
///   Candidate   -> Unattached   a newer epoch
///               -> Prospective  lost, after a pause; or election timeout
///               -> Follower     a leader of this or a newer epoch
///               -> Leader       a majority voted for it
///   Leader      -> Unattached   a newer epoch
///               -> Follower     a leader of a newer epoch
///               -> Resigned     on Resign, or no majority fetched for 1.5 fetch timeouts
///   Follower    -> Unattached   a newer epoch, or its leader gave up this one; observers: fetch timeout
///               -> Follower     a leader of a newer epoch
///               -> Prospective  fetch timeout
///   Resigned    -> Unattached   a newer epoch
///               -> Follower     a leader of a newer epoch
///               -> Prospective  election timeout
/// A replica that is not in the voter set is an observer: only ever Unattached or Follower (and Resigned, if
/// it was removed). A lone voter goes from Unattached to Leader in its first step. After a crash a leader
/// begins Resigned: it may have lost records that others got from it, so it must not write other ones in the
/// same epoch.
class Raft {
 public:
  struct Restored {
    Ballot ballot = {};
    LogView log;
    VoterHistory voters;
  };
  Raft(Options options, Restored restored, int64_t now_ms);

  Effects step(const Event& event, int64_t now_ms);
  /// The driver owes a Tick by then.
  int64_t deadline_ms() const { return deadline_ms_; }

  const Role& role() const { return role_; }
  int32_t epoch() const { return ballot_.epoch; }
  /// The leader of this epoch, this replica included, while it is believed to lead.
  std::optional<int32_t> leader_id() const;
  bool is_leader() const { return std::holds_alternative<Leader>(role_); }
  bool is_voter() const { return voters_.voters().contains(options_.self); }
  const Ballot& ballot() const { return ballot_; }
  const LogView& log() const { return log_; }
  /// Records below it are committed. Rises only.
  int64_t high_watermark() const { return high_watermark_; }
  const VoterHistory& voters() const { return voters_; }
  /// The addresses of a node that a request is sent to, or that leads; null when they are not known.
  const std::vector<Endpoint>* endpoints_of(int32_t id) const;
  Result<QuorumDescription> describe(int64_t now_ms) const;
  /// After Resign: nobody waits for this replica any more.
  bool may_stop() const;

 private:
  // raft.cc: what all roles share
  void on(const Tick&, Effects&) {}
  void on(const Received& received, Effects& out);
  void on(const Abandoned& abandoned, Effects&);
  void on(const Replied& replied, Effects& out);
  void on(const Flushed& report, Effects& out);
  void on(const SnapshotTaken& taken, Effects&);
  void on(const LogTrimmed& trimmed, Effects&) { log_.trimmed(trimmed.id); }
  void on(const Resign&, Effects& out);
  void act_on_time(Effects& out);
  void send_what_is_due(Effects& out);
  void announce(Effects& out);
  void send(int32_t to, Request request, Effects& out);
  bool can_send(int32_t to);
  void pause(int32_t id) { peers_.pause(id, now_ms_ + options_.retry_backoff_ms); }
  void due(int64_t at_ms) { deadline_ms_ = std::min(deadline_ms_, at_ms); }
  ReplyHead head(ErrorCode error = ErrorCode::none) const;
  bool accept_head(int32_t from, const ReplyHead& head, Effects& out);
  bool heard_of_leader(int32_t leader_id, int32_t epoch, const std::vector<Endpoint>& endpoints,
                       Effects& out);
  bool is_other_cluster(const std::optional<std::string>& cluster_id) const;
  bool is_meant_for_other(const ReplicaKey& to) const;
  void raise_high_watermark(int64_t offset, Effects& out);
  void check_invariants() const;

  // roles.cc: transitions
  void enter(Role role, Effects& out);
  void become_unattached(Ballot ballot, int64_t election_at_ms, Effects& out);
  void become_prospective(Effects& out);
  void become_candidate(Effects& out);
  void become_leader(Effects& out);
  void become_follower(int32_t epoch, int32_t leader_id, std::vector<Endpoint> endpoints, Effects& out);
  void become_resigned(Effects& out);
  void lose_pre_vote(Effects& out);
  void leave_for_epoch(int32_t epoch, Effects& out);
  void set_ballot(Ballot ballot, Effects& out);
  int64_t first_election_ms();
  int64_t next_election_ms();
  int64_t next_fetch_timeout_ms();

  // voting.cc
  Answer answer(const VoteRequest& request, Effects& out);
  Answer answer(const BeginEpochRequest& request, Effects& out);
  Answer answer(const EndEpochRequest& request, Effects& out);
  bool may_grant(const VoteRequest& request) const;
  bool yields_to(const VoteRequest& request) const;
  void succeed(const std::vector<ReplicaKey>& successors, Effects& out);
  int64_t succession_delay_ms(const std::vector<ReplicaKey>& successors) const;
  void on_reply(int32_t from, const VoteReply& reply, Effects& out);
  void on_reply(int32_t from, const BeginEpochReply& reply, Effects& out) {
    accept_head(from, reply.head, out);
  }
  void on_reply(int32_t from, const EndEpochReply& reply, Effects& out);
  void request_votes(const VoteTally& tally, bool pre_vote, Effects& out);
  void begin_epochs(Leader& leader, Effects& out);
  void end_epochs(const Resigned& resigned, Effects& out);

  // leading.cc
  void on(const Propose& proposal, Effects& out);
  void append_epoch_start(std::vector<ReplicaKey> granting, Effects& out);
  void on_fetch(uint64_t token, const FetchRequest& request, Effects& out);
  FetchAnswer answer_fetch(const FetchRequest& request) const;
  bool may_wait(const FetchRequest& request, const FetchAnswer& answer) const;
  void park(uint64_t token, const FetchRequest& request, Effects& out);
  void answer_parked(Effects& out);
  Answer answer(const FetchSnapshotRequest& request, Effects& out);
  ErrorCode refusal(const std::optional<std::string>& cluster_id, const ReplicaKey& from,
                    int32_t epoch) const;
  void advance_high_watermark(Effects& out);
  int64_t check_quorum_at_ms(const Leader& leader) const;

  // following.cc
  void on(const SnapshotInstalled& installed, Effects& out);
  void on_reply(int32_t from, const Failed& failed, Effects&);
  void on_reply(int32_t from, const FetchReply& reply, Effects& out);
  void on_reply(int32_t from, const FetchSnapshotReply& reply, Effects& out);
  bool truncate(LogEnd diverging, Effects& out);
  bool begin_download(Follower& follower, LogEnd id, Effects& out);
  bool append_received(const std::vector<ReceivedBatch>& batches, Effects& out);
  bool fits(const std::vector<ReceivedBatch>& batches) const;
  void keep_following(Follower& follower);
  void fetch(Follower& follower, Effects& out);
  FetchRequest next_fetch() const;
  void look_for_leader(Unattached& unattached, Effects& out);

  template <class T>
  T* as() {
    return std::get_if<T>(&role_);
  }
  template <class T>
  const T* as() const {
    return std::get_if<T>(&role_);
  }
  bool has(Mutant mutant) const { return options_.mutants.has(mutant); }

  const Options options_;
  SeededRng rng_;
  int64_t now_ms_;
  int64_t deadline_ms_;
  Ballot ballot_;
  LogView log_;
  VoterHistory voters_;
  int64_t high_watermark_;
  Role role_;
  std::vector<Endpoint> leader_endpoints_;  // of ballot_.leader_id
  bool leader_gave_up_ = false;             // ballot_.leader_id resigned in this epoch
  bool is_early_ = false;                   // will ask for votes for the first time, before a timeout
  bool is_stopping_ = false;
  Peers peers_;
  std::optional<LogEnd> installing_;  // SnapshotInstalled must come next
  Leadership announced_;
};

}  // namespace kt::raft
