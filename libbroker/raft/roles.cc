#include "libbroker/raft/roles.h"

#include "libbroker/base/assert.h"
#include "libbroker/raft/raft.h"

// Every change of role.
namespace kt::raft {

/// The part that all transitions share: nobody waits for what the old role began.
void Raft::enter(Role role, Effects& out) {
  std::vector<Leader::Parked> parked;
  if (auto* leader = as<Leader>()) parked = std::move(leader->parked);
  role_ = std::move(role);
  peers_.reset();
  for (const auto& fetch : parked)
    out.answers.push_back(
        {fetch.token, FetchAnswer{.result = {.head = head(ErrorCode::not_leader_or_follower)}}});
}

void Raft::set_ballot(Ballot ballot, Effects& out) {
  if (ballot == ballot_) return;
  KT_ASSERT(ballot.epoch >= ballot_.epoch);
  if (ballot.epoch > ballot_.epoch) leader_gave_up_ = false;
  ballot_ = ballot;
  out.persist = ballot_;
}

/// Nobody campaigns in step with the others; who is alone need not wait.
int64_t Raft::next_election_ms() {
  if (!is_voter()) return INT64_MAX;
  if (voters_.voters().is_only(options_.self)) return now_ms_;
  const auto timeout_ms = options_.election_timeout_ms;
  return now_ms_ + timeout_ms + static_cast<int64_t>(rng_.below(static_cast<uint64_t>(timeout_ms)));
}

/// Who starts may ask the others soon: where there is a leader, they refuse and say who it is.
int64_t Raft::first_election_ms() {
  const int64_t at_ms = next_election_ms();
  if (!options_.first_election_ms_max || at_ms == INT64_MAX) return at_ms;
  is_early_ = true;
  return std::min(
      at_ms,
      now_ms_ + static_cast<int64_t>(rng_.below(static_cast<uint64_t>(*options_.first_election_ms_max) + 1)));
}

/// A leader's followers fetch in step: without some chance they would also give up in step, and split the
/// vote.
int64_t Raft::next_fetch_timeout_ms() {
  const auto timeout_ms = options_.fetch_timeout_ms;
  return now_ms_ + timeout_ms - static_cast<int64_t>(rng_.below(static_cast<uint64_t>(timeout_ms / 8 + 1)));
}

void Raft::become_unattached(Ballot ballot, int64_t election_at_ms, Effects& out) {
  set_ballot(ballot, out);
  enter(Unattached{.election_at_ms = election_at_ms}, out);
}

/// Somebody is in a newer epoch. Who was waiting for an election goes on waiting, so that others' failed
/// campaigns do not keep it from its own.
void Raft::leave_for_epoch(int32_t epoch, Effects& out) {
  int64_t election_at_ms = next_election_ms();
  if (const auto* unattached = as<Unattached>()) election_at_ms = unattached->election_at_ms;
  if (const auto* prospective = as<Prospective>()) election_at_ms = prospective->election_at_ms;
  if (const auto* candidate = as<Candidate>()) election_at_ms = candidate->election_at_ms;
  become_unattached({.epoch = epoch}, election_at_ms, out);
}

void Raft::become_prospective(Effects& out) {
  KT_ASSERT(is_voter());
  KT_ASSERT(!is_leader());
  // Somebody, mistaken or malicious, has used up the epochs: there is none left to lead.
  if (ballot_.epoch == INT32_MAX) return become_unattached(ballot_, INT64_MAX, out);
  if (has(Mutant::raft_pre_vote_skipped)) return become_candidate(out);
  Prospective prospective{.tally = VoteTally(voters_.voters()),
                          .election_at_ms = next_election_ms(),
                          .is_early = std::exchange(is_early_, false)};
  prospective.tally.record(options_.self.id, true);
  const bool is_won = prospective.tally.is_won();
  enter(std::move(prospective), out);
  if (is_won) become_candidate(out);
}

void Raft::lose_pre_vote(Effects& out) {
  KT_ASSERT(as<Prospective>());
  const auto leader = leader_id();
  if (leader && *leader != options_.self.id && endpoints_of(*leader))
    become_follower(ballot_.epoch, *leader, leader_endpoints_, out);
  else
    become_unattached(ballot_, next_election_ms(), out);
}

void Raft::become_candidate(Effects& out) {
  KT_ASSERT(is_voter());
  KT_ASSERT(as<Prospective>() || has(Mutant::raft_pre_vote_skipped));
  set_ballot({.epoch = ballot_.epoch + 1, .voted_for = options_.self}, out);
  Candidate candidate{.tally = VoteTally(voters_.voters()), .election_at_ms = next_election_ms()};
  candidate.tally.record(options_.self.id, true);
  const bool is_won = candidate.tally.is_won();
  enter(std::move(candidate), out);
  if (is_won) become_leader(out);
}

void Raft::become_leader(Effects& out) {
  const auto* candidate = as<Candidate>();
  KT_ASSERT(candidate);
  KT_ASSERT(candidate->tally.is_won());
  std::vector<ReplicaKey> granting = candidate->tally.granting();
  Ballot ballot = ballot_;
  ballot.leader_id = options_.self.id;
  set_ballot(ballot, out);
  enter(Leader{.epoch_start_offset = log_.end().offset, .replicas = Replicas(options_.self, now_ms_)}, out);
  append_epoch_start(std::move(granting), out);
}

void Raft::become_follower(int32_t epoch, int32_t leader_id, std::vector<Endpoint> endpoints, Effects& out) {
  KT_ASSERT(epoch > ballot_.epoch || !is_leader());
  KT_ASSERT(leader_id != options_.self.id);
  Ballot ballot = epoch > ballot_.epoch ? Ballot{.epoch = epoch} : ballot_;
  ballot.leader_id = leader_id;
  set_ballot(ballot, out);
  leader_endpoints_ = std::move(endpoints);
  is_early_ = false;
  enter(Follower{.leader_id = leader_id, .fetch_by_ms = next_fetch_timeout_ms()}, out);
}

void Raft::become_resigned(Effects& out) {
  const auto* leader = as<Leader>();
  KT_ASSERT(leader);
  Resigned resigned{.election_at_ms = next_election_ms(),
                    .successors = leader->replicas.successors(voters_.voters())};
  for (const ReplicaKey& voter : resigned.successors) resigned.uninformed.insert(voter.id);
  leader_gave_up_ = true;
  enter(std::move(resigned), out);
}

}  // namespace kt::raft
