#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/record/producer_state.h"

namespace kt::log {

/// The producers of a partition up to an offset, which is the file's name.
///
///     .snapshot = version:int16(1) crc:uint32 entries       ; CRC-32C of the entries, see
///     ProducerSnapshot.json
std::vector<std::byte> encode_producer_snapshot(std::span<const record::ProducerSnapshot> producers);
/// None for bytes that are no snapshot, whole and right.
std::optional<std::vector<record::ProducerSnapshot>> decode_producer_snapshot(
    std::span<const std::byte> bytes);

}  // namespace kt::log
