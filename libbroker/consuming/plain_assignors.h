#pragma once
#include "libbroker/consuming/assignor.h"

namespace kt::consuming {

/// Topic by topic, consecutive partitions to each member; the first members get one more where it does not
/// divide.
class RangeAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "range"; }
  GroupAssignment assign(const PartitionCounts& counts,
                         const std::vector<GroupMember>& members) const override;
};

/// All partitions of all topics, one to each member in turn.
class RoundRobinAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "roundrobin"; }
  GroupAssignment assign(const PartitionCounts& counts,
                         const std::vector<GroupMember>& members) const override;
};

}  // namespace kt::consuming
