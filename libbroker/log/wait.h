#pragma once
#include <cstdint>

namespace kt::log {

/// Whether a read may wait for the disk, or is content with what is in memory.
enum class Wait : uint8_t { no, yes };

}  // namespace kt::log
