#include "libcli/config/span.h"

#include <charconv>
#include <utility>

namespace kt::config {

std::optional<int64_t> parse_span_ms(std::string_view text) {
  constexpr std::pair<std::string_view, int64_t> units[] = {
      {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  int64_t count = 0, span_ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  if (unit.empty()) unit = "s";
  for (const auto& [name, ms] : units) {
    if (unit == name && !__builtin_mul_overflow(count, ms, &span_ms)) return span_ms;
  }
  return std::nullopt;
}

}  // namespace kt::config
