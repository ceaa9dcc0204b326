#include "libcli/commands/argv/java_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace kt::cli {
namespace {

/// A whole-text decimal integer; from_chars knows '-', Java also '+'.
template <class I>
std::optional<I> decimal(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  I value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<int32_t> java_integer(std::string_view text) { return decimal<int32_t>(text); }
std::optional<int64_t> java_long(std::string_view text) { return decimal<int64_t>(text); }

std::optional<double> java_double(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return sign * std::numeric_limits<double>::infinity();
  if (text.empty() || !(text.front() == '.' || (text.front() >= '0' && text.front() <= '9')))
    return std::nullopt;
  if (constexpr std::string_view suffixes = "dDfF"; suffixes.contains(text.back())) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return sign * value;
}

std::string java_double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const double size = std::abs(value);
  constexpr double plain_from = 1e-3, scientific_from = 1e7;
  const bool is_plain = size == 0 || (size >= plain_from && size < scientific_from);
  std::array<char, 64> buffer;
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  std::string text(buffer.data(), end);
  if (is_plain) return text.contains('.') ? text : text + ".0";
  const size_t exponent_at = text.find('e');
  std::string digits = text.substr(0, exponent_at);
  if (!digits.contains('.')) digits += ".0";
  return digits + "E" + std::to_string(std::stoi(text.substr(exponent_at + 1)));
}

bool converts_to(Value value, std::string_view text) {
  switch (value) {
    case Value::integer:
      return java_integer(text).has_value();
    case Value::long_integer:
      return java_long(text).has_value();
    case Value::number:
      return java_double(text).has_value();
    case Value::none:
    case Value::text:
      return true;
  }
  return true;
}

std::string_view java_type_name(Value value) {
  switch (value) {
    case Value::integer:
      return "Integer";
    case Value::long_integer:
      return "Long";
    case Value::number:
      return "Double";
    case Value::none:
    case Value::text:
      return "String";
  }
  return "String";
}

}  // namespace kt::cli
