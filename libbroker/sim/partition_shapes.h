#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/sim/links.h"

namespace kt::sim {

/// How a network splits. The shapes are Jepsen's; one_way is TigerBeetle's.
enum class PartitionShape : uint8_t {
  isolate_one,  // one machine against the rest
  halves,       // two groups
  bridge,       // two groups, and one machine that reaches both
  ring,  // each reaches its neighbours on a ring only; from five machines on these are different majorities
  one_way,  // one machine hears nobody, or nobody hears it
  count
};

std::string_view name_of(PartitionShape shape);

/// The links that a partition of this shape cuts, machines being dealt at random.
std::vector<Link> cut_links(PartitionShape shape, std::vector<uint32_t> machines, Rng& rng);

}  // namespace kt::sim
