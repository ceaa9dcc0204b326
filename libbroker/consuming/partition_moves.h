#pragma once
#include <map>
#include <utility>

#include "libbroker/base/java_hash_order.h"
#include "libbroker/consuming/sticky_group.h"

namespace kt::consuming {

/// Which partitions have moved from whom to whom while an assignment is balanced: so that no two partitions
/// of one topic change places, which would help nobody.
class PartitionMoves {
 public:
  using Member = StickyGroup::Member;
  using Partition = StickyGroup::Partition;
  explicit PartitionMoves(const StickyGroup& group);

  void moved(Partition p, Member from, Member to);
  /// The partition to move in the place of `p`: one that came the opposite way, if there is one.
  Partition better(Partition p, Member from, Member to) const;

 private:
  using Way = std::pair<Member, Member>;  // from whom it came at first, who has it
  struct OfTopic {
    std::map<Way, JavaHashOrder<Partition>> partitions;
  };
  void add(Partition p, Way way);

  const StickyGroup& group_;
  std::vector<int32_t> topic_hashes_;
  std::vector<OfTopic> topics_;
  std::map<Partition, Way> ways_;
};

}  // namespace kt::consuming
