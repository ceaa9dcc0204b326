#include <algorithm>
#include <utility>

#include "libbroker/raft/raft.h"

// Elections: the requests that only voters send each other.
namespace kt::raft {

Answer Raft::answer(const VoteRequest& request, Effects& out) {
  const auto refuse = [&](ErrorCode error) { return VoteReply{.head = head(error)}; };
  if (is_other_cluster(request.cluster_id)) return refuse(ErrorCode::inconsistent_cluster_id);
  // A candidate has raised its epoch above its log's; who only asks whether to may still be in it.
  const bool is_ahead =
      request.pre_vote ? request.log_end.epoch > request.epoch : request.log_end.epoch >= request.epoch;
  if (request.log_end.offset < 0 || request.log_end.epoch < 0 || is_ahead)
    return refuse(ErrorCode::invalid_request);
  if (request.epoch < ballot_.epoch) return refuse(ErrorCode::fenced_leader_epoch);
  if (request.from.id < 0 || request.from.id == options_.self.id) return refuse(ErrorCode::invalid_request);
  if (request.epoch > ballot_.epoch) leave_for_epoch(request.epoch, out);
  if (is_meant_for_other(request.to)) return refuse(ErrorCode::invalid_voter_key);

  const bool granted = may_grant(request);
  if (granted && !request.pre_vote && (!ballot_.voted_for || has(Mutant::raft_votes_twice))) {
    const auto persisted_before = out.persist;
    become_unattached({.epoch = ballot_.epoch, .voted_for = request.from}, next_election_ms(), out);
    if (has(Mutant::raft_vote_not_persisted)) out.persist = persisted_before;
  }
  if (granted && request.pre_vote && yields_to(request)) become_unattached(ballot_, next_election_ms(), out);
  return VoteReply{.head = head(), .granted = granted};
}

/// Two that ask each other at once would both campaign, and split the vote: one of them lets the other go
/// first.
bool Raft::yields_to(const VoteRequest& request) const {
  return as<Prospective>() &&
         std::pair(request.log_end, request.from.id) > std::pair(log_.end(), options_.self.id);
}

bool Raft::may_grant(const VoteRequest& request) const {
  // A static voter set is the same everywhere: who is not in it has no vote. A dynamic one may have grown to
  // include this replica before it has learnt so (KIP-853).
  if (!is_voter() && voters_.last().kraft_version == 0) return false;
  if (request.log_end < log_.end() && !has(Mutant::raft_vote_ignores_log)) return false;
  if (request.pre_vote && has(Mutant::raft_pre_vote_always_granted)) return true;
  if (is_leader()) return false;
  const auto* follower = as<Follower>();
  if (request.pre_vote) return !follower || !follower->has_fetched;
  if (has(Mutant::raft_votes_twice)) return true;
  if (ballot_.voted_for) return ballot_.voted_for->matches(request.from);
  return !ballot_.leader_id;
}

void Raft::on_reply(int32_t from, const VoteReply& reply, Effects& out) {
  if (const auto* asking = as<Prospective>(); asking && reply.head.error == ErrorCode::unsupported_version) {
    if (asking->is_early) return become_unattached(ballot_, next_election_ms(), out);
    return become_candidate(out);
  }
  if (!accept_head(from, reply.head, out)) return;
  if (auto* prospective = as<Prospective>()) {
    if (prospective->election_at_ms <= now_ms_)
      return;  // it slept: who would have voted for it may now follow
    prospective->tally.record(from, reply.granted);
    if (prospective->tally.is_won())
      become_candidate(out);
    else if (prospective->tally.is_lost())
      lose_pre_vote(out);
  } else if (auto* candidate = as<Candidate>()) {
    candidate->tally.record(from, reply.granted);
    if (candidate->tally.is_won()) return become_leader(out);
    if (!candidate->tally.is_lost() || candidate->is_backing_off) return;
    candidate->is_backing_off = true;
    const auto pause_ms = 1 + rng_.below(static_cast<uint64_t>(options_.election_backoff_ms_max));
    candidate->election_at_ms = std::min(candidate->election_at_ms, now_ms_ + static_cast<int64_t>(pause_ms));
  }
}

void Raft::request_votes(const VoteTally& tally, bool pre_vote, Effects& out) {
  for (const ReplicaKey& voter : tally.unheard()) {
    if (!can_send(voter.id)) continue;
    send(voter.id,
         VoteRequest{options_.cluster_id, voter, options_.self, ballot_.epoch, log_.end(), pre_vote}, out);
  }
}

Answer Raft::answer(const BeginEpochRequest& request, Effects& out) {
  const auto reply = [&](ErrorCode error) { return BeginEpochReply{.head = head(error)}; };
  if (is_other_cluster(request.cluster_id)) return reply(ErrorCode::inconsistent_cluster_id);
  if (request.epoch < ballot_.epoch) return reply(ErrorCode::fenced_leader_epoch);
  if (request.leader_id < 0) return reply(ErrorCode::invalid_request);
  const bool follows = heard_of_leader(request.leader_id, request.epoch, request.leader_endpoints, out);
  if (!follows && request.epoch > ballot_.epoch) leave_for_epoch(request.epoch, out);
  return reply(is_meant_for_other(request.to) ? ErrorCode::invalid_voter_key : ErrorCode::none);
}

/// Tells the voters who do not fetch that the epoch began: at once, and then twice in a fetch timeout.
void Raft::begin_epochs(Leader& leader, Effects& out) {
  const int64_t period_ms = options_.fetch_timeout_ms / 2;
  const int32_t self_id = options_.self.id;
  for (const Voter& voter : voters_.voters().all()) {
    const int32_t id = voter.key.id;
    if (id == self_id) continue;
    int64_t& at_ms = leader.begin_at_ms.try_emplace(id, now_ms_).first->second;
    const int64_t heard_ms = leader.replicas.last_heard_ms(voter.key);
    if (heard_ms >= 0) at_ms = std::max(at_ms, heard_ms + period_ms);
    if (at_ms <= now_ms_ && can_send(id)) {
      at_ms = now_ms_ + period_ms;
      send(id, BeginEpochRequest{options_.cluster_id, voter.key, self_id, ballot_.epoch, options_.listeners},
           out);
    }
    if (at_ms > now_ms_) due(at_ms);
  }
}

Answer Raft::answer(const EndEpochRequest& request, Effects& out) {
  const auto reply = [&](ErrorCode error) { return EndEpochReply{.head = head(error)}; };
  if (is_other_cluster(request.cluster_id)) return reply(ErrorCode::inconsistent_cluster_id);
  if (request.epoch < ballot_.epoch) return reply(ErrorCode::fenced_leader_epoch);
  if (request.leader_id < 0) return reply(ErrorCode::invalid_request);
  const bool follows = heard_of_leader(request.leader_id, request.epoch, request.leader_endpoints, out);
  if (!follows && request.epoch > ballot_.epoch) leave_for_epoch(request.epoch, out);
  if (ballot_.leader_id == request.leader_id && request.leader_id != options_.self.id)
    succeed(request.successors, out);
  return reply(ErrorCode::none);
}

/// The leader gave up: whoever followed it campaigns when it is its turn.
void Raft::succeed(const std::vector<ReplicaKey>& successors, Effects& out) {
  leader_gave_up_ = true;
  int64_t election_at_ms = is_voter() ? now_ms_ + succession_delay_ms(successors) : INT64_MAX;
  if (const auto* unattached = as<Unattached>())  // it knew already, but not whose turn it is
    election_at_ms = std::min(election_at_ms, unattached->election_at_ms);
  else if (!as<Follower>())
    return;
  become_unattached(ballot_, election_at_ms, out);
}

/// The most suitable successor campaigns at once, each next one twice as late, whoever is not named last
/// [KafkaRaftClient.strictExponentialElectionBackoffMs].
int64_t Raft::succession_delay_ms(const std::vector<ReplicaKey>& successors) const {
  const auto self =
      std::ranges::find_if(successors, [&](const ReplicaKey& key) { return key.matches(options_.self); });
  const auto position = self - successors.begin();
  if (self == successors.end()) return options_.election_backoff_ms_max;
  if (position == 0) return 0;
  const auto doublings = static_cast<size_t>(position) - 1;
  const auto halvings = std::min<size_t>(successors.size() - 1, 30);
  return std::min(options_.election_backoff_ms_max, (options_.election_backoff_ms_max >> halvings)
                                                        << std::min<size_t>(doublings, 30));
}

void Raft::on_reply(int32_t from, const EndEpochReply& reply, Effects& out) {
  if (!accept_head(from, reply.head, out)) return;
  if (auto* resigned = as<Resigned>()) resigned->uninformed.erase(from);
}

void Raft::end_epochs(const Resigned& resigned, Effects& out) {
  for (const int32_t id : resigned.uninformed) {
    if (!can_send(id)) continue;
    send(id,
         EndEpochRequest{options_.cluster_id, options_.self.id, ballot_.epoch, resigned.successors,
                         options_.listeners},
         out);
  }
}

}  // namespace kt::raft
