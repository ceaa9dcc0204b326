#include "libbroker/raft/replicas.h"

#include <algorithm>
#include <functional>

namespace kt::raft {
namespace {

/// The value that a majority of `values` is at least as large as.
int64_t majority_of(std::vector<int64_t> values, size_t majority) {
  std::ranges::sort(values, std::greater());
  return values[majority - 1];
}

}  // namespace

void Replicas::fetched(const ReplicaKey& from, int64_t offset, int64_t log_end, const VoterSet& voters,
                       int64_t now_ms) {
  State* state = at(from, voters, now_ms);
  if (!state) return;
  // Whoever now has what the leader had at the fetch before was caught up at that time (KIP-836).
  if (offset >= log_end)
    state->last_caught_up_ms = now_ms;
  else if (state->leader_end_at_last_fetch > 0 && offset >= state->leader_end_at_last_fetch)
    state->last_caught_up_ms = std::max(state->last_caught_up_ms, state->last_fetch_ms);
  state->leader_end_at_last_fetch = log_end;
  state->end_offset = offset;
  state->last_fetch_ms = state->last_heard_ms = now_ms;
}

void Replicas::heard(const ReplicaKey& from, const VoterSet& voters, int64_t now_ms) {
  if (State* state = at(from, voters, now_ms)) state->last_heard_ms = now_ms;
}

int64_t Replicas::majority_end(const VoterSet& voters, int64_t own_end) const {
  std::vector<int64_t> ends;
  for (const Voter& voter : voters.all())
    ends.push_back(voter.key.matches(self_) ? own_end : of(voter.key).end_offset);
  return majority_of(std::move(ends), voters.majority());
}

int64_t Replicas::majority_heard_ms(const VoterSet& voters, int64_t now_ms) const {
  std::vector<int64_t> times;
  for (const Voter& voter : voters.all())
    times.push_back(voter.key.matches(self_) ? now_ms : std::max(last_heard_ms(voter.key), elected_ms_));
  return majority_of(std::move(times), voters.majority());
}

int64_t Replicas::last_heard_ms(const ReplicaKey& voter) const {
  const State* state = find(voter);
  return state ? state->last_heard_ms : -1;
}

std::vector<ReplicaKey> Replicas::successors(const VoterSet& voters) const {
  std::vector<ReplicaKey> keys;
  for (const Voter& voter : voters.all())
    if (!voter.key.matches(self_)) keys.push_back(voter.key);
  std::ranges::stable_sort(keys, std::greater(), [&](const ReplicaKey& key) { return of(key).end_offset; });
  return keys;
}

ReplicaProgress Replicas::of(const ReplicaKey& replica) const {
  const State* state = find(replica);
  if (!state) return {.key = replica};
  return {replica, state->end_offset, state->last_fetch_ms, state->last_caught_up_ms};
}

std::vector<ReplicaProgress> Replicas::observers(const VoterSet& voters, int64_t now_ms) const {
  std::vector<ReplicaProgress> found;
  for (const auto& [key, state] : states_)
    if (!voters.contains(key) && !is_silent(state, now_ms)) found.push_back(of(key));
  return found;
}

Replicas::State* Replicas::at(const ReplicaKey& from, const VoterSet& voters, int64_t now_ms) {
  const ReplicaKey& key = voters.contains(from) ? voters.find(from.id)->key : from;
  if (const auto found = states_.find(key); found != states_.end()) return &found->second;
  std::erase_if(states_, [&](const auto& entry) {
    return !voters.contains(entry.first) && is_silent(entry.second, now_ms);
  });
  if (states_.size() >= replicas_max && !voters.contains(from)) return nullptr;
  return &states_[key];
}

const Replicas::State* Replicas::find(const ReplicaKey& key) const {
  const auto found = states_.find(key);
  return found == states_.end() ? nullptr : &found->second;
}

bool Replicas::is_silent(const State& state, int64_t now_ms) const {
  return now_ms - state.last_heard_ms >= observer_session_ms;
}

}  // namespace kt::raft
