#include "libcli/term/java_decimal.h"

#include <array>
#include <charconv>
#include <cmath>

namespace kt::term {
namespace {

/// The digits with the last one counted up, "9" becoming "10". A point in between is left alone.
std::string counted_up(std::string digits) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i] == '.') continue;
    if (digits[i] != '9') return ++digits[i], digits;
    digits[i] = '0';
  }
  return "1" + digits;
}

}  // namespace

std::string java_decimal(double value, int decimals) {
  if (std::isnan(value)) return "NaN";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "Infinity";
  std::array<char, 400>
      shortest;  // a double has at most 309 digits before the point or 324 zeros after it, and 17 digits
  const auto end = std::to_chars(shortest.data(), shortest.data() + shortest.size(), std::abs(value),
                                 std::chars_format::fixed)
                       .ptr;
  std::string digits(shortest.data(), end);
  if (!digits.contains('.')) digits += '.';
  const size_t wanted = digits.find('.') + 1 + static_cast<size_t>(decimals);
  if (digits.size() <= wanted) {
    digits.resize(wanted, '0');
  } else {
    const bool goes_up = digits[wanted] >= '5';
    digits.resize(wanted);
    if (goes_up) digits = counted_up(std::move(digits));
  }
  if (decimals == 0) digits.pop_back();
  return sign + digits;
}

}  // namespace kt::term
