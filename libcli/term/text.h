#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kt::term {

/// How many characters of UTF-8 text stand in a column (code points; no text of Kafka's is wider).
size_t width_of(std::string_view text);
/// `text` and blanks up to `width` characters; longer text stays whole, as with printf's %-Ns.
std::string padded(std::string_view text, size_t width);
/// Lines of at most `width` characters, cut at blanks; a newline in the text ends a line. All lines but the
/// first of each paragraph start with `indent` blanks. A word longer than a line stands alone on one.
std::vector<std::string> wrapped(std::string_view text, size_t width, size_t indent = 0);
/// ASCII letters as capitals.
std::string capitals(std::string_view text);
/// `parts` with `separator` between them.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace kt::term
