#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libbroker/base/result.h"

namespace kt {
class Disk;
}

namespace kt::log {

/// Whether what is written is flushed at once, or later by someone else; until then nothing of it may be
/// relied upon.
enum class Flush : uint8_t { files, later };

/// Puts a small file in the place of the old one at once, for readers.
Result<void> replace_file(Disk& disk, const std::string& path, std::string_view contents, Flush flush);

}  // namespace kt::log
