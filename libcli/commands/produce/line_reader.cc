#include "libcli/commands/produce/line_reader.h"

#include <algorithm>
#include <istream>
#include <regex>

namespace kt::cli::produce {
namespace {

bool is_plain(std::string_view expression) {
  return expression.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos && !expression.empty();
}

std::vector<std::string> split_at(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

/// The parts between matches of `separator`; empty ones at the end are dropped, as Java's split does.
std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  if (is_plain(separator)) {
    parts = split_at(text, separator);
  } else {
    const std::regex expression(separator);
    parts.assign(std::sregex_token_iterator(text.begin(), text.end(), expression, -1), {});
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

}  // namespace

std::expected<LineFormat, std::string> LineFormat::of(const config::Properties& properties) {
  LineFormat format;
  config::read(properties, "parse.key", format.parse_key);
  config::read(properties, "key.separator", format.key_separator);
  config::read(properties, "parse.headers", format.parse_headers);
  config::read(properties, "headers.delimiter", format.headers_delimiter);
  config::read(properties, "headers.separator", format.headers_separator);
  config::read(properties, "headers.key.separator", format.headers_key_separator);
  config::read(properties, "ignore.error", format.ignore_error);
  format.null_marker = config::find(properties, "null.marker");

  try {
    (void)std::regex(format.headers_separator);
  } catch (const std::regex_error&) {
    return std::unexpected("headers.separator is not a regular expression: " + format.headers_separator);
  }
  const std::pair<bool, const char*> clashes[] = {
      {format.headers_delimiter == format.headers_separator, "headers.delimiter and headers.separator"},
      {format.headers_delimiter == format.headers_key_separator,
       "headers.delimiter and headers.key.separator"},
      {format.headers_separator == format.headers_key_separator,
       "headers.separator and headers.key.separator"},
      {format.null_marker == format.key_separator, "null.marker and key.separator"},
      {format.null_marker == format.headers_separator, "null.marker and headers.separator"},
      {format.null_marker == format.headers_delimiter, "null.marker and headers.delimiter"},
      {format.null_marker == format.headers_key_separator, "null.marker and headers.key.separator"},
  };
  for (const auto& [clash, names] : clashes) {
    if (clash) return std::unexpected(std::string(names) + " may not be equal");
  }
  return format;
}

std::expected<std::optional<InputRecord>, std::string> LineReader::next() {
  std::string line;
  ++line_number_;
  if (!read_line(line)) return std::nullopt;
  auto record = parse(line);
  if (!record) return std::unexpected(std::move(record.error()));
  return std::move(*record);
}

bool LineReader::read_line(std::string& line) {
  std::streambuf& buffer = *in_.rdbuf();
  constexpr int end = std::char_traits<char>::eof();
  int c = buffer.sbumpc();
  if (after_carriage_return_ && c == '\n')
    c = buffer.sbumpc();  // not before: a terminal would have to wait for it
  after_carriage_return_ = false;
  if (c == end) return false;
  for (; c != end && c != '\n' && c != '\r'; c = buffer.sbumpc()) line.push_back(static_cast<char>(c));
  after_carriage_return_ = c == '\r';
  return true;
}

/// What stands in `rest` before `separator`; none, and `rest` left whole, where a missing one is no error.
std::expected<std::optional<std::string>, std::string> LineReader::take(std::string_view& rest,
                                                                        const std::string& line,
                                                                        const std::string& separator,
                                                                        const char* name) const {
  const size_t end = rest.find(separator);
  if (end == std::string_view::npos && format_.ignore_error) return std::nullopt;
  if (end == std::string_view::npos) {
    return std::unexpected("No " + std::string(name) + " found on line number " +
                           std::to_string(line_number_) + ": '" + line + "'");
  }
  std::string part(rest.substr(0, end));
  rest.remove_prefix(end + separator.size());
  return part;
}

std::expected<InputRecord, std::string> LineReader::parse(const std::string& line) const {
  std::string_view rest = line;
  InputRecord record;
  std::optional<std::string> headers;
  if (format_.parse_headers) {
    auto taken = take(rest, line, format_.headers_delimiter, "headers delimiter");
    if (!taken) return std::unexpected(taken.error());
    headers = std::move(*taken);
  }
  if (format_.parse_key) {
    auto taken = take(rest, line, format_.key_separator, "key separator");
    if (!taken) return std::unexpected(taken.error());
    if (*taken) record.key = unless_null(**taken);
  }
  record.value = unless_null(rest);
  if (headers && headers != format_.null_marker) {
    if (auto parsed = parse_headers(*headers, record); !parsed) return std::unexpected(parsed.error());
  }
  return record;
}

std::expected<void, std::string> LineReader::parse_headers(std::string_view text, InputRecord& record) const {
  for (const std::string& pair : split(std::string(text), format_.headers_separator)) {
    const size_t end = pair.find(format_.headers_key_separator);
    if (end == std::string::npos) {
      if (!format_.ignore_error) {
        return std::unexpected("No header key separator found in pair '" + pair + "' on line number " +
                               std::to_string(line_number_));
      }
      record.headers.emplace_back(pair, std::nullopt);
      continue;
    }
    const std::string name = pair.substr(0, end);
    if (name == format_.null_marker) {
      return std::unexpected("Header keys should not be equal to the null marker '" + name +
                             "' as they can't be null");
    }
    record.headers.emplace_back(name, unless_null(pair.substr(end + format_.headers_key_separator.size())));
  }
  return {};
}

std::optional<std::string> LineReader::unless_null(std::string_view text) const {
  if (format_.null_marker && text == *format_.null_marker) return std::nullopt;
  return std::string(text);
}

}  // namespace kt::cli::produce
