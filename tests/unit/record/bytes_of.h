#pragma once
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kt::record {

/// Bytes from hex digits; blanks and what follows a ';' on a line are for the reader.
inline std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  std::string digits;
  bool in_comment = false;
  for (const char c : text) {
    if (c == ';') in_comment = true;
    if (c == '\n') in_comment = false;
    if (in_comment || !std::isxdigit(static_cast<unsigned char>(c))) continue;
    digits.push_back(c);
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
    digits.clear();
  }
  return bytes;
}

}  // namespace kt::record
