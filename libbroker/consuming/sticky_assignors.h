#pragma once
#include "libbroker/consuming/assignor.h"

namespace kt::consuming {

/// Equal shares that move as little as can be from one assignment to the next (KIP-54). Members revoke all
/// before they join, and tell what they had and in which generation in their user data:
///
///     [topic:string [partition:int32]] generation:int32      without the generation before KIP-341
class StickyAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "sticky"; }
  Slice user_data(const LastAssignment& last) const override;
  GroupAssignment assign(const PartitionCounts& counts,
                         const std::vector<GroupMember>& members) const override;
};

/// The same for members that keep their partitions while they join (KIP-429): one that is to move is nobody's
/// until its owner has given it up, and goes to its new owner in the next round. The user data is
/// `generation:int32`, for leaders that do not know the protocol's own field (before KIP-792).
class CooperativeStickyAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "cooperative-sticky"; }
  bool is_cooperative() const override { return true; }
  Slice user_data(const LastAssignment& last) const override;
  GroupAssignment assign(const PartitionCounts& counts,
                         const std::vector<GroupMember>& members) const override;
};

}  // namespace kt::consuming
