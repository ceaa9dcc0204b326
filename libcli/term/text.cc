#include "libcli/term/text.h"

#include <algorithm>

namespace kt::term {
namespace {

void wrap_paragraph(std::string_view paragraph, size_t width, size_t indent,
                    std::vector<std::string>& lines) {
  std::string line;
  bool has_word = false;
  while (!paragraph.empty()) {
    const size_t blanks = std::min(paragraph.find_first_not_of(' '), paragraph.size());
    const size_t end = std::min(paragraph.find(' ', blanks), paragraph.size());
    const std::string_view word = paragraph.substr(blanks, end - blanks);
    const std::string_view gap = has_word ? paragraph.substr(0, blanks) : std::string_view();
    if (has_word && width_of(line) + width_of(gap) + width_of(word) > width) {
      lines.push_back(std::move(line));
      line = std::string(indent, ' ').append(word);
    } else {
      line.append(gap).append(word);
    }
    has_word = true;
    paragraph.remove_prefix(end);
  }
  lines.push_back(std::move(line));
}

}  // namespace

size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, size_t width) {
  std::string result(text);
  const size_t taken = width_of(text);
  if (taken < width) result.append(width - taken, ' ');
  return result;
}

std::vector<std::string> wrapped(std::string_view text, size_t width, size_t indent) {
  std::vector<std::string> lines;
  for (;;) {
    const size_t end = text.find('\n');
    wrap_paragraph(text.substr(0, end), width, indent, lines);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string capitals(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) joined.append(i == 0 ? "" : separator).append(parts[i]);
  return joined;
}

}  // namespace kt::term
