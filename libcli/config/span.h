#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace kt::config {

/// "250ms", "30s", "5m", "2h", "1d", or "30" for seconds, in milliseconds; none for anything else.
std::optional<int64_t> parse_span_ms(std::string_view text);

}  // namespace kt::config
