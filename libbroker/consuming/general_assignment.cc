#include "libbroker/consuming/general_assignment.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "libbroker/consuming/partition_moves.h"

namespace kt::consuming {
namespace {

class Balancer {
 public:
  using Member = StickyGroup::Member;
  using Partition = StickyGroup::Partition;
  using Topic = StickyGroup::Topic;
  static constexpr Member nobody = StickyGroup::nobody;

  explicit Balancer(const StickyGroup& group)
      : group_(group),
        moves_(group),
        shares_(group.member_count()),
        owner_(group.partition_count(), nobody) {}

  Shares balance() {
    recall_earlier_owners();
    keep_owned();
    std::vector<Partition> all = rarest_first();
    std::vector<Partition> unassigned;
    std::ranges::copy_if(all, std::back_inserter(unassigned),
                         [&](Partition p) { return owner_[p] == nobody; });
    for (Member m = 0; m < group_.member_count(); ++m) by_size_.emplace(shares_[m].size(), m);
    const bool from_nothing = by_size_.rbegin()->first == 0;
    for (const Partition p : unassigned) give(p);

    const auto has_one_taker = [&](Partition p) { return group_.wanted_by(group_.topic_of(p)) < 2; };
    std::erase_if(all, has_one_taker);
    std::erase_if(unassigned, has_one_taker);
    leave_out_settled_members();
    const Shares before = shares_;
    if (!takes_away_) level(unassigned);  // first with what is new
    const bool has_moved = level(all);
    if (!from_nothing && has_moved && imbalance(shares_) >= imbalance(before)) return before;
    return shares_;
  }

 private:
  struct Earlier {
    Member owner = nobody;
    int32_t generation = -1;
  };

  /// Who had a partition in an earlier generation than the latest that anybody tells of.
  void recall_earlier_owners() {
    earlier_.resize(group_.partition_count());
    for (const Member m : group_.walk()) {
      const int32_t generation = group_.generation(m).value_or(-1);
      if (generation >= group_.generation_max()) continue;
      for (const Partition p : group_.claimed(m)) {
        if (!group_.wants(m, group_.topic_of(p))) continue;
        if (earlier_[p].owner == nobody || generation > earlier_[p].generation) earlier_[p] = {m, generation};
      }
    }
  }

  void keep_owned() {
    for (Member m = 0; m < group_.member_count(); ++m) {
      for (const Partition p : group_.owned(m)) {
        if (!group_.wants(m, group_.topic_of(p))) {
          takes_away_ = true;
          continue;
        }
        shares_[m].push_back(p);
        owner_[p] = m;
      }
    }
  }

  /// All partitions, those of topics that few members want first.
  std::vector<Partition> rarest_first() const {
    std::vector<Partition> all(group_.partition_count());
    std::iota(all.begin(), all.end(), Partition{0});
    std::ranges::stable_sort(all, {}, [&](Partition p) { return group_.wanted_by(group_.topic_of(p)); });
    return all;
  }

  /// The member with the smallest share of those that want the topic; every topic has one.
  Member poorest(Topic topic) const {
    return std::ranges::find_if(by_size_,
                                [&](const auto& sized) { return group_.wants(sized.second, topic); })
        ->second;
  }

  void give(Partition p) {
    const Member m = poorest(group_.topic_of(p));
    by_size_.erase({shares_[m].size(), m});
    shares_[m].push_back(p);
    by_size_.emplace(shares_[m].size(), m);
    owner_[p] = m;
  }

  /// Members that have all they can get, and nothing that another wants, do not take part in what follows.
  void leave_out_settled_members() {
    for (Member m = 0; m < group_.member_count(); ++m) {
      size_t within_reach = 0;
      for (Topic t = 0; t < group_.topic_count(); ++t) {
        if (group_.wants(m, t)) within_reach += group_.first_of(t + 1) - group_.first_of(t);
      }
      const bool may_lose = std::ranges::any_of(
          shares_[m], [&](Partition p) { return group_.wanted_by(group_.topic_of(p)) >= 2; });
      if (shares_[m].size() == within_reach && !may_lose) by_size_.erase({within_reach, m});
    }
  }

  bool is_balanced() const {
    if (by_size_.empty() || by_size_.begin()->first + 1 >= by_size_.rbegin()->first) return true;
    for (const auto& [size, m] : by_size_) {
      for (Topic t = 0; t < group_.topic_count(); ++t) {
        if (!group_.wants(m, t)) continue;
        for (Partition p = group_.first_of(t); p < group_.first_of(t + 1); ++p) {
          if (size + 1 < shares_[owner_[p]].size()) return false;
        }
      }
    }
    return true;
  }

  /// Moves partitions for as long as that makes shares more alike; whether any moved.
  bool level(const std::vector<Partition>& partitions) {
    bool has_moved = false;
    for (int pass = 0; pass < passes_max; ++pass) {
      bool moves_now = false;
      for (const Partition p : partitions) {
        if (is_balanced()) break;
        moves_now |= move_if_better(p);
      }
      if (!moves_now) break;
      has_moved = true;
    }
    return has_moved;
  }

  bool move_if_better(Partition p) {
    const size_t size = shares_[owner_[p]].size();
    const Member before = earlier_[p].owner;
    if (before != nobody && size > shares_[before].size() + 1) return move(p, before), true;
    const Member to = poorest(group_.topic_of(p));
    if (size <= shares_[to].size() + 1) return false;
    return move(p, to), true;
  }

  void move(Partition wanted, Member to) {
    const Partition p = moves_.better(wanted, owner_[wanted], to);
    const Member from = owner_[p];
    by_size_.erase({shares_[from].size(), from});
    by_size_.erase({shares_[to].size(), to});
    moves_.moved(p, from, to);
    std::erase(shares_[from], p);
    shares_[to].push_back(p);
    owner_[p] = to;
    by_size_.emplace(shares_[to].size(), to);
    by_size_.emplace(shares_[from].size(), from);
  }

  /// The sum of the differences between the shares of any two members that take part.
  size_t imbalance(const Shares& shares) const {
    std::vector<size_t> sizes;
    for (const auto& sized : by_size_) sizes.push_back(shares[sized.second].size());
    std::ranges::sort(sizes);
    size_t sum = 0, of_smaller = 0;
    for (size_t i = 0; i < sizes.size(); ++i) {
      sum += sizes[i] * i - of_smaller;
      of_smaller += sizes[i];
    }
    return sum;
  }

  // Each move narrows the gap between two members, so passes are few; this only bounds them.
  static constexpr int passes_max = 1'000;

  const StickyGroup& group_;
  PartitionMoves moves_;
  Shares shares_;
  std::vector<Member> owner_;
  std::vector<Earlier> earlier_;
  std::set<std::pair<size_t, Member>> by_size_;  // of those that take part
  bool takes_away_ = false;                      // somebody owned what it no longer wants
};

}  // namespace

Shares assign_general(const StickyGroup& group) { return Balancer(group).balance(); }

}  // namespace kt::consuming
