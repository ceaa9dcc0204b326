#include "libbroker/base/log_format.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/json_text.h"

namespace kt {
namespace {

std::string_view kafka_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    default:
      return "ERROR";
  }
}

/// Bytes of the character that begins `text` in UTF-8; 0: none does.
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool is_surrogate = first == 0xED && byte(1) > 0x9F;
  const bool is_beyond = first == 0xF4 && byte(1) > 0x8F;
  return is_overlong || is_surrogate || is_beyond ? 0 : bytes;
}

/// What would end the line, or is no text, as "\xNN".
std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t bytes = character_bytes(text.substr(i));
    if (bytes == 0 || byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += text.substr(i, bytes);
    i += std::max<size_t>(bytes, 1);
  }
  return out;
}

}  // namespace

std::string log_payload(LogFormat format, LogLevel level, std::string_view component,
                        std::string_view message, std::span<const std::string> rows) {
  std::string text = printable(message);
  for (const std::string& row : rows) text += "\n\t" + printable(row);
  if (!rows.empty()) text += '\n';
  if (format == LogFormat::text) return fmt::format("{} {} ({})", kafka_name(level), text, component);
  return fmt::format("\"level\":\"{}\",\"component\":{},\"message\":{}", kafka_name(level),
                     json_quoted(component), json_quoted(text));
}

}  // namespace kt
