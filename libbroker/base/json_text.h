#pragma once
#include <string>
#include <string_view>

namespace kt {

/// `text` in quotes, escaped as JSON asks; bytes that are no UTF-8 stay as they are.
std::string json_quoted(std::string_view text);

}  // namespace kt
