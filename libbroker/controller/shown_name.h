#pragma once
#include <string_view>

namespace kt::controller {

/// As much of a name as a sentence shows of it, which is all of one that a topic may have: a request may name
/// 32 KB once, and be answered a sentence about each of a million partitions.
inline std::string_view shown_name(std::string_view name) {
  constexpr size_t bytes_max = 249;
  if (name.size() <= bytes_max) return name;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // no character is cut
  return name.substr(0, end);
}

}  // namespace kt::controller
