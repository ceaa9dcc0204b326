#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcli/commands/argv/option_spec.h"

namespace kt::cli {

/// Integer.valueOf: decimal digits with an optional sign, nothing else; none also when out of range.
std::optional<int32_t> java_integer(std::string_view text);
/// Long.valueOf, likewise.
std::optional<int64_t> java_long(std::string_view text);
/// Double.valueOf without its hexadecimal form: blanks around, sign, exponent, NaN, Infinity, a final d or f;
/// none also when out of range.
std::optional<double> java_double(std::string_view text);

/// Double.toString: "1000.0", from ten million on and below a thousandth "1.048576E7".
std::string java_double_text(double value);

/// Whether `text` can be read as a `value`.
bool converts_to(Value value, std::string_view text);
/// "Integer": what Java calls the type, as usage tables show it.
std::string_view java_type_name(Value value);

}  // namespace kt::cli
