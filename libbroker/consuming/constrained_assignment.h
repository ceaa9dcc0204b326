#pragma once
#include <vector>

#include "libbroker/consuming/sticky_group.h"

namespace kt::consuming {

/// Divides partitions where all members want the same topics: each gets an equal share, of what it owned as
/// far as that goes; the rest is dealt in turn.
struct ConstrainedAssignment {
  Shares shares;
  /// Partitions that another member owns until it has given them up (KIP-429).
  std::vector<bool> is_moving;
};
ConstrainedAssignment assign_constrained(const StickyGroup& group);

}  // namespace kt::consuming
