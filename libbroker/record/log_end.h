#pragma once
#include <compare>
#include <cstdint>

namespace kt::record {

/// The end of a log, or of an epoch in it: the leader epoch of the last batch before `offset`, and the next
/// offset. Ordered as Raft orders logs (§5.4.1): by epoch first.
struct LogEnd {
  int32_t epoch = 0;
  int64_t offset = 0;
  auto operator<=>(const LogEnd&) const = default;
};

}  // namespace kt::record
