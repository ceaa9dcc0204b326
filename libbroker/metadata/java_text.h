#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Text as Java reads and prints it, where Kafka's behaviour follows from it.
namespace kt::metadata::java {

/// Without the characters up to U+0020 at both ends (String.trim).
std::string_view trim(std::string_view text);
/// UTF-16 units of a UTF-8 text (String.length).
size_t length(std::string_view text);
/// ASCII letters upper case.
std::string upper(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Long.parseLong: an optional sign and digits, nothing else; none when it does not fit.
std::optional<int64_t> parse_long(std::string_view text);
/// Double.parseDouble of decimal numbers, NaN and Infinity.
std::optional<double> parse_double(std::string_view text);
/// Double.toString.
std::string text_of(double value);
/// Items between commas, white space around them gone; an empty text has none (ConfigDef's LIST).
std::vector<std::string> split_list(std::string_view text);

}  // namespace kt::metadata::java
