#pragma once
#include "libbroker/consuming/sticky_group.h"

namespace kt::consuming {

/// Divides partitions where members want different topics: each keeps what it owned and still wants, the rest
/// goes to those who have least, and then partitions move from those who have more to those who have at least
/// two less, back to who had them before where that helps.
Shares assign_general(const StickyGroup& group);

}  // namespace kt::consuming
