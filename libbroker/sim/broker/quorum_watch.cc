#include "libbroker/sim/broker/quorum_watch.h"

#include <fmt/core.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "libbroker/node/metadata_quorum.h"

namespace kt::sim {
namespace {

constexpr int64_t late_vote_ns = 5'000'000'000;  // a vote asked for so long ago is answered, or never

constexpr size_t prospective = 1;  // its place among the roles
static_assert(std::is_same_v<std::variant_alternative_t<prospective, raft::Role>, raft::Prospective>);

template <class Role>
bool is(const raft::Role& role) {
  return std::holds_alternative<Role>(role);
}

bool is_in_touch(const raft::Role& role) {
  const auto* follower = std::get_if<raft::Follower>(&role);
  return is<raft::Leader>(role) || (follower && follower->has_fetched);
}

}  // namespace

QuorumWatch::QuorumWatch(uint32_t voters, Told violated, Told tell)
    : violated_(std::move(violated)), tell_(std::move(tell)), voters_(voters) {}

void QuorumWatch::look(uint32_t number, uint64_t start, const node::MetadataQuorum& quorum, int64_t now_ns,
                       const Medium& medium) {
  const raft::Raft& raft = quorum.raft();
  const auto id = static_cast<int32_t>(number) + 1;
  Voter& voter = voters_.at(number);
  if (std::exchange(voter.start, start) != start) {
    voter.on_medium = {};
    voter.role = raft.role().index();
    voter.high_watermark = 0;
    voter.in_touch_since_ns.reset();
  }
  voter.durable_end = quorum.flushed_offset();
  check_ballot(id, voter, raft.ballot());
  check_medium(id, voter, raft.ballot(), medium);
  if (!is_in_touch(raft.role())) {
    voter.in_touch_since_ns.reset();
  } else if (!voter.in_touch_since_ns) {
    voter.in_touch_since_ns = now_ns;
  }
  const size_t role_before = std::exchange(voter.role, raft.role().index());
  if (role_before != voter.role && is<raft::Prospective>(raft.role())) voter.prospective_since_ns = now_ns;
  if (role_before != voter.role && is<raft::Candidate>(raft.role()) && voters_.size() > 1) {
    if (role_before != prospective)
      violated_(fmt::format("R14: voter {} is a candidate in epoch {} without a pre-vote", id, raft.epoch()));
    check_candidacy(id, voter);
  }
  voter.high_watermark = std::max(voter.high_watermark, raft.high_watermark());
  if (raft.log().end().offset < voter.high_watermark)
    violated_(fmt::format("R7: voter {} has a log that ends at {}, and knew {} to be committed", id,
                          raft.log().end().offset, voter.high_watermark));
  if (raft.is_leader()) check_leader(id, voter, raft, medium);
}

void QuorumWatch::check_ballot(int32_t id, Voter& voter, const raft::Ballot& ballot) {
  if (ballot.epoch < voter.epoch)
    violated_(fmt::format("R2: voter {} is in epoch {} after {}", id, ballot.epoch, voter.epoch));
  if (ballot.epoch > voter.epoch) {
    voter.epoch = ballot.epoch;
    voter.voted_for.reset();
  }
  if (ballot.epoch != voter.epoch || !ballot.voted_for) return;
  if (voter.voted_for && *voter.voted_for != ballot.voted_for->id)
    violated_(fmt::format("R2: voter {} votes for {} after {} in epoch {}", id, ballot.voted_for->id,
                          *voter.voted_for, ballot.epoch));
  voter.voted_for = ballot.voted_for->id;
}

/// Whatever a voter says after its step goes by its ballot, which the next power cut must not take back.
void QuorumWatch::check_medium(int32_t id, Voter& voter, const raft::Ballot& ballot, const Medium& medium) {
  const auto is_on_medium = [&] {
    const auto voted_for = [](const raft::Ballot& of) { return of.voted_for ? of.voted_for->id : -1; };
    return voter.on_medium.epoch == ballot.epoch && voted_for(voter.on_medium) == voted_for(ballot);
  };
  if (is_on_medium()) return;
  voter.on_medium = medium(static_cast<uint32_t>(id - 1));
  if (!is_on_medium())
    violated_(fmt::format("R2: voter {} is in epoch {}{}, and its medium does not say so", id, ballot.epoch,
                          ballot.voted_for ? fmt::format(" and votes for {}", ballot.voted_for->id) : ""));
}

/// Who has been in touch with a leader all the time grants no pre-vote.
void QuorumWatch::check_candidacy(int32_t id, const Voter& candidate) {
  size_t may_have_granted = 1;
  for (const Voter& other : voters_) {
    if (&other == &candidate) continue;
    const bool was_in_touch =
        other.in_touch_since_ns && *other.in_touch_since_ns < candidate.prospective_since_ns - late_vote_ns;
    if (!was_in_touch) ++may_have_granted;
  }
  if (may_have_granted <= voters_.size() / 2)
    violated_(fmt::format("R14: voter {} is a candidate in epoch {} though the others have a leader", id,
                          candidate.epoch));
}

/// A vote counts once it is on the medium of who gave it, who may have died since or gone on.
void QuorumWatch::check_votes(int32_t id, int32_t epoch, const Medium& medium) {
  size_t votes = 0;
  for (uint32_t voter = 0; voter < voters_.size(); ++voter) {
    const raft::Ballot ballot = medium(voter);
    const bool voted_for_it = ballot.epoch == epoch && ballot.voted_for && ballot.voted_for->id == id;
    if (voted_for_it || ballot.epoch > epoch) ++votes;
  }
  if (votes <= voters_.size() / 2)
    violated_(fmt::format("R2: voter {} leads in epoch {}, and has {} of {} votes on the voters' mediums", id,
                          epoch, votes, voters_.size()));
}

void QuorumWatch::check_leader(int32_t id, const Voter& voter, const raft::Raft& raft, const Medium& medium) {
  const auto [leader, is_new] = leaders_.try_emplace(raft.epoch(), id, voter.start);
  if (leader->second.first != id)
    violated_(fmt::format("R1: voters {} and {} lead in epoch {}", leader->second.first, id, raft.epoch()));
  else if (leader->second.second != voter.start)
    violated_(
        fmt::format("R1: voter {} leads in epoch {} again after it was started anew", id, raft.epoch()));
  if (is_new) check_votes(id, raft.epoch(), medium);
  if (is_new && tell_) tell_(fmt::format("broker {} leads the quorum in epoch {}", id, raft.epoch()));
  // One that hears late of its votes, when another has led after it, need not have what that one committed.
  const bool is_latest = std::next(leader) == leaders_.end();
  const record::LogEnd begun_at = raft.log().end_of(raft.epoch() - 1);
  if (is_new && is_latest && begun_at < committed_)
    violated_(
        fmt::format("R4: voter {} leads in epoch {} with a log that ended at {} of epoch {}, {} of epoch {} "
                    "is committed",
                    id, raft.epoch(), begun_at.offset, begun_at.epoch, committed_.offset, committed_.epoch));
  if (raft.high_watermark() <= committed_.offset) return;
  committed_ = {.epoch = raft.epoch(), .offset = raft.high_watermark()};
  if (begun_at.offset >= committed_.offset)
    violated_(fmt::format("R8: the leader of epoch {} commits {}, which is of an older one", raft.epoch(),
                          committed_.offset));
  const auto durable = static_cast<size_t>(std::ranges::count_if(
      voters_, [&](const Voter& other) { return other.durable_end >= committed_.offset; }));
  if (durable <= voters_.size() / 2)
    violated_(fmt::format("R5: {} is committed, and on the medium of {} of {} voters", committed_.offset,
                          durable, voters_.size()));
}

}  // namespace kt::sim
