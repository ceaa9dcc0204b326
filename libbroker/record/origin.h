#pragma once
#include <cstdint>

namespace kt::record {

/// Who appends a batch, which decides what is checked and what is assigned.
enum class Origin : uint8_t {
  client,       // Produce: fully checked
  coordinator,  // group and transaction coordinators, and markers: no sequence numbers
  replica,      // a follower or a replay: taken as the leader accepted it
  raft,         // the metadata quorum
  mirror,       // another cluster's batches with their offsets
};

/// Whether the log assigns base offset and leader epoch; the others keep theirs, and gaps are allowed.
constexpr bool assigns_offsets(Origin origin) {
  return origin == Origin::client || origin == Origin::coordinator;
}

}  // namespace kt::record
