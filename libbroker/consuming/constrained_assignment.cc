#include "libbroker/consuming/constrained_assignment.h"

#include <algorithm>
#include <deque>

#include "libbroker/base/assert.h"

namespace kt::consuming {
namespace {

class Dealer {
 public:
  using Member = StickyGroup::Member;
  using Partition = StickyGroup::Partition;

  explicit Dealer(const StickyGroup& group)
      : group_(group),
        share_min_(group.partition_count() / group.member_count()),
        larger_shares_left_(group.partition_count() % group.member_count()),
        share_max_(share_min_ + (larger_shares_left_ > 0 ? 1 : 0)),
        is_kept_(group.partition_count()),
        revoked_from_(group.partition_count(), StickyGroup::nobody) {
    result_.shares.resize(group.member_count());
    result_.is_moving.resize(group.partition_count());
  }

  ConstrainedAssignment deal() {
    for (const Member m : group_.walk()) keep_owned(m);
    std::ranges::sort(below_min_);
    std::ranges::sort(at_min_);
    size_t turn = 0;
    for (Partition p = 0; p < group_.partition_count(); ++p) {
      if (!is_kept_[p]) give(p, turn);
    }
    return std::move(result_);
  }

 private:
  void keep_owned(Member m) {
    std::vector<Partition> owned = group_.owned(m);
    std::erase_if(owned, [&](Partition p) { return group_.is_contested(p); });
    std::ranges::sort(owned, {}, [&](Partition p) { return std::pair(group_.index_of(p), p); });
    if (owned.size() < share_min_) {
      below_min_.push_back(m);
      return keep(m, owned, owned.size());
    }
    if (owned.size() >= share_max_ && larger_shares_left_ > 0) {
      if (--larger_shares_left_ == 0) at_min_.clear();
      return keep(m, owned, share_max_);
    }
    if (larger_shares_left_ > 0) at_min_.push_back(m);
    keep(m, owned, share_min_);
  }

  void keep(Member m, const std::vector<Partition>& owned, size_t count) {
    for (size_t i = 0; i < owned.size(); ++i) {
      if (i >= count) {
        revoked_from_[owned[i]] = m;
        continue;
      }
      is_kept_[owned[i]] = true;
      result_.shares[m].push_back(owned[i]);
    }
  }

  /// `turn`: whose of those below the minimum it is.
  void give(Partition p, size_t& turn) {
    if (turn >= below_min_.size()) turn = 0;
    Member m = StickyGroup::nobody;
    if (below_min_.empty()) {
      KT_ASSERT(!at_min_.empty());  // the shares add up to the number of partitions
      m = at_min_.front();
      at_min_.pop_front();
    } else {
      m = below_min_[turn++];
    }
    auto& share = result_.shares[m];
    share.push_back(p);
    const Member from = revoked_from_[p];
    result_.is_moving[p] = (from != StickyGroup::nobody && from != m) || group_.is_contested(p);
    if (share.size() != share_min_) return;
    below_min_.erase(below_min_.begin() + static_cast<ptrdiff_t>(--turn));
    at_min_.push_back(m);
  }

  const StickyGroup& group_;
  const size_t share_min_;
  size_t larger_shares_left_;  // members that may still have one partition more than the minimum
  const size_t share_max_;
  std::vector<bool> is_kept_;
  std::vector<Member> revoked_from_;
  std::vector<Member> below_min_;
  std::deque<Member> at_min_;  // and may have one more
  ConstrainedAssignment result_;
};

}  // namespace

ConstrainedAssignment assign_constrained(const StickyGroup& group) { return Dealer(group).deal(); }

}  // namespace kt::consuming
