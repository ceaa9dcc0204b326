#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace kt::config {

/// "2025-01-02T03:04:05.678", with "Z", "+hh" or "+hh:mm" after it or else in UTC, as milliseconds since
/// 1970. Errors: the sentence Java gives, which names the text.
std::expected<int64_t, std::string> parse_date_time(std::string_view text);

/// "P1DT2H3M4.5S", as java.time.Duration reads it, in milliseconds. Errors: Java's sentence.
std::expected<int64_t, std::string> parse_duration_ms(std::string_view text);

}  // namespace kt::config
