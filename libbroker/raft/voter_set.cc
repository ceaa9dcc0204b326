#include "libbroker/raft/voter_set.h"

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::raft {

VoterSet::VoterSet(std::vector<Voter> voters) : voters_(std::move(voters)) {
  std::ranges::sort(voters_, {}, [](const Voter& v) { return v.key; });
  const auto same_id = [](const Voter& a, const Voter& b) { return a.key.id == b.key.id; };
  KT_ASSERT(std::ranges::adjacent_find(voters_, same_id) == voters_.end());
}

const Voter* VoterSet::find(int32_t id) const {
  const auto found = std::ranges::find(voters_, id, [](const Voter& v) { return v.key.id; });
  return found == voters_.end() ? nullptr : &*found;
}

bool VoterSet::contains(const ReplicaKey& key) const {
  const Voter* voter = find(key.id);
  return voter && voter->key.matches(key);
}

VoterSet VoterSet::with(const Voter& voter) const {
  std::vector<Voter> voters = voters_;
  const auto found = std::ranges::find(voters, voter.key.id, [](const Voter& v) { return v.key.id; });
  KT_ASSERT(found != voters.end());
  *found = voter;
  return VoterSet(std::move(voters));
}

void VoterHistory::add(int64_t offset, std::optional<int16_t> kraft_version,
                       const std::optional<VoterSet>& voters) {
  KT_ASSERT(offset >= last().offset);
  entries_.push_back({offset, kraft_version.value_or(last().kraft_version), voters.value_or(last().voters)});
}

void VoterHistory::truncate(int64_t end_offset) {
  while (entries_.size() > 1 && last().offset >= end_offset) entries_.pop_back();
}

}  // namespace kt::raft
