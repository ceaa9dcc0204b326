#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "libbroker/raft/voter_set.h"

namespace kt::raft {

/// Who said what in one election, or pre-election, among the voters it began with.
class VoteTally {
 public:
  explicit VoteTally(const VoterSet& voters) {
    for (const Voter& voter : voters.all()) ballots_.push_back({voter.key, Said::nothing});
  }

  /// Somebody who is no voter is not counted. The last word counts.
  void record(int32_t id, bool granted) {
    const auto found = std::ranges::find(ballots_, id, [](const Cast& c) { return c.voter.id; });
    if (found != ballots_.end()) found->said = granted ? Said::yes : Said::no;
  }
  bool is_won() const { return count(Said::yes) > ballots_.size() / 2; }
  bool is_lost() const { return ballots_.size() - count(Said::no) <= ballots_.size() / 2; }
  std::vector<ReplicaKey> granting() const { return who(Said::yes); }
  std::vector<ReplicaKey> unheard() const { return who(Said::nothing); }

 private:
  enum class Said : uint8_t { nothing, yes, no };
  struct Cast {
    ReplicaKey voter;
    Said said;
  };
  size_t count(Said said) const {
    return static_cast<size_t>(std::ranges::count(ballots_, said, [](const Cast& c) { return c.said; }));
  }
  std::vector<ReplicaKey> who(Said said) const {
    std::vector<ReplicaKey> keys;
    for (const Cast& cast : ballots_)
      if (cast.said == said) keys.push_back(cast.voter);
    return keys;
  }

  std::vector<Cast> ballots_;
};

}  // namespace kt::raft
