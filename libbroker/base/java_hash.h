#pragma once
#include <cstdint>
#include <string_view>

namespace kt {

/// Java's String.hashCode of a UTF-8 text: over UTF-16 code units, so that a character beyond the basic plane counts as
/// its surrogate pair. Broken UTF-8 counts as U+FFFD, as Java decodes it.
int32_t java_string_hash(std::string_view utf8);

}  // namespace kt
