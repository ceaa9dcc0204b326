#include "libcli/config/properties.h"

#include <algorithm>
#include <cstdint>

#include "libbroker/base/disk.h"

namespace kt::config {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// Cuts a file into logical lines: comments and blank lines gone, continued lines joined, escapes still in
/// place.
class LogicalLines {
 public:
  explicit LogicalLines(std::string_view text) : rest_(text) {}

  std::optional<std::string> next() {
    std::string logical;
    bool continued = false;
    while (!rest_.empty()) {
      const std::string_view line = natural_line();
      if (logical.empty() && is_blank_or_comment(line)) {
        continued = false;
        continue;
      }
      continued = continues(line);
      logical += continued ? line.substr(0, line.size() - 1) : line;
      if (!continued) return logical;
    }
    if (!continued) return std::nullopt;
    return logical;  // a backslash ended the file: a line, even an empty one
  }

 private:
  /// The next line without its leading blanks and its end, which is \n, \r or \r\n.
  std::string_view natural_line() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    size_t size = 0;
    while (size < rest_.size() && !is_line_end(rest_[size])) ++size;
    const std::string_view line = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (rest_.starts_with("\r\n"))
      rest_.remove_prefix(2);
    else if (!rest_.empty())
      rest_.remove_prefix(1);
    return line;
  }

  static bool is_blank_or_comment(std::string_view line) {
    return line.empty() || line.front() == '#' || line.front() == '!';
  }

  /// An odd number of backslashes ends the line.
  static bool continues(std::string_view line) {
    size_t backslashes = 0;
    while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
  }

  std::string_view rest_;
};

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6), put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12), put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18), put(0x80 | (point >> 12 & 0x3F)), put(0x80 | (point >> 6 & 0x3F)),
        put(0x80 | (point & 0x3F));
  }
}

bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// Gathers UTF-16 units into UTF-8; a lone surrogate becomes '?', as when Java encodes it.
class Utf8Writer {
 public:
  void unit(char32_t unit) {
    if (high_ != 0 && is_low_surrogate(unit)) {
      append_utf8(text_, 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00));
      high_ = 0;
      return;
    }
    flush();
    if (is_high_surrogate(unit))
      high_ = unit;
    else
      append_utf8(text_, is_low_surrogate(unit) ? U'?' : unit);
  }
  std::string take() {
    flush();
    return std::move(text_);
  }

 private:
  void flush() {
    if (high_ != 0) text_.push_back('?');
    high_ = 0;
  }
  std::string text_;
  char32_t high_ = 0;  // a high surrogate that waits for its other half
};

/// Four hex digits at the start of `text`.
std::optional<char32_t> hex_unit(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  char32_t unit = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    unit = unit << 4 | static_cast<char32_t>(digit);
  }
  return unit;
}

Result<std::string> unescape(std::string_view raw) {
  Utf8Writer out;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out.unit(static_cast<uint8_t>(raw[i]));
      continue;
    }
    if (++i == raw.size()) break;  // a lone backslash at the end of the file
    switch (raw[i]) {
      case 't':
        out.unit('\t');
        break;
      case 'n':
        out.unit('\n');
        break;
      case 'r':
        out.unit('\r');
        break;
      case 'f':
        out.unit('\f');
        break;
      case 'u': {
        const std::optional<char32_t> unit = hex_unit(raw.substr(i + 1));
        if (!unit) return fail(ErrorCode::invalid_config, "Malformed \\uxxxx encoding.");
        out.unit(*unit);
        i += 4;
        break;
      }
      default:
        out.unit(static_cast<uint8_t>(raw[i]));
    }
  }
  return out.take();
}

/// Where the key ends: at the first blank, '=' or ':' that no backslash precedes.
size_t key_size(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\')
      ++i;
    else if (line[i] == '=' || line[i] == ':' || is_blank(line[i]))
      return i;
  }
  return line.size();
}

/// Drops what stands between key and value: blanks with at most one '=' or ':' among them.
std::string_view drop_separator(std::string_view text) {
  const auto drop_blanks = [&text] {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  };
  drop_blanks();
  if (!text.empty() && (text.front() == '=' || text.front() == ':')) text.remove_prefix(1);
  drop_blanks();
  return text;
}

}  // namespace

Result<Properties> parse_properties(std::string_view latin1) {
  Properties properties;
  LogicalLines lines(latin1);
  while (const std::optional<std::string> line = lines.next()) {
    const size_t size = key_size(*line);
    Result<std::string> key = unescape(std::string_view(*line).substr(0, size));
    if (!key) return fail(key.error());
    Result<std::string> value = unescape(drop_separator(std::string_view(*line).substr(size)));
    if (!value) return fail(value.error());
    properties.insert_or_assign(std::move(*key), std::move(*value));
  }
  return properties;
}

Result<Properties> load_properties(Disk& disk, const std::string& path) {
  const Result<bool> there = disk.exists(path);
  if (!there) return fail(there.error());
  if (!*there) return fail(ErrorCode::kafka_storage_error, path);
  const Result<std::string> text = disk.read_all(path, properties_file_bytes_max);
  if (!text) return fail(text.error());
  return parse_properties(*text);
}

std::pair<std::string, std::string> split_key_value(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {std::string(text), {}};
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Properties parse_key_values(std::span<const std::string> texts) {
  Properties properties;
  for (const std::string& text : texts) {
    auto [key, value] = split_key_value(text);
    properties.insert_or_assign(std::move(key), std::move(value));
  }
  return properties;
}

std::optional<std::string> find(const Properties& properties, std::string_view key) {
  const auto found = properties.find(key);
  if (found == properties.end()) return std::nullopt;
  return found->second;
}

bool is_true(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return std::ranges::equal(text, std::string_view("true"), [](char a, char b) { return (a | 0x20) == b; });
}

void read(const Properties& properties, std::string_view key, std::string& into) {
  if (auto value = find(properties, key)) into = std::move(*value);
}

void read(const Properties& properties, std::string_view key, bool& into) {
  if (const auto value = find(properties, key)) into = is_true(*value);
}

Properties merge(Properties under, const Properties& over) {
  for (const auto& [key, value] : over) under.insert_or_assign(key, value);
  return under;
}

}  // namespace kt::config
