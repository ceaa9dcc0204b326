#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "libbroker/base/result.h"

namespace kt::record {

class BatchView;

/// What the one record of a control batch says. Its key is an int16 version, 0, and this type as an int16.
enum class ControlType : int16_t {
  // Value: EndTxnMarker.json.
  abort = 0,
  commit = 1,
  // Value: the bare message of that name, its own int16 version first (KIP-595, KIP-630, KIP-853).
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

inline constexpr size_t control_key_bytes = 4;
std::array<std::byte, control_key_bytes> encode_control_key(ControlType type);
/// None for a type that we do not know, and for bytes that are no control key.
std::optional<ControlType> decode_control_key(std::span<const std::byte> key);

/// The end of a transaction on one partition (KIP-98).
struct EndMarker {
  bool is_commit = false;
  int32_t coordinator_epoch = 0;
  int64_t timestamp = -1;  // of the record; where encoded, the batch carries it
};
inline constexpr size_t end_marker_value_bytes = 6;
std::array<std::byte, end_marker_value_bytes> encode_end_marker(int32_t coordinator_epoch);
/// Reads the marker of a control batch that carries a producer id. None when cleaning has left the batch
/// without it. Errors: corrupt_message.
Result<std::optional<EndMarker>> decode_end_marker(const BatchView& batch);

}  // namespace kt::record
