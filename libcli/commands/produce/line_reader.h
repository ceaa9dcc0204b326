#pragma once
#include <cstdint>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcli/config/properties.h"

namespace kt::cli::produce {

/// How a line holds headers, key and value: the reader properties of kafka-console-producer.
struct LineFormat {
  bool parse_key = false;
  std::string key_separator = "\t";
  bool parse_headers = false;
  std::string headers_delimiter = "\t";  // ends the headers
  std::string headers_separator = ",";   // between headers; a regular expression
  std::string headers_key_separator = ":";
  bool ignore_error = false;
  std::optional<std::string> null_marker;

  /// Errors: two separators that may not be equal, in Kafka's words; a broken expression.
  static std::expected<LineFormat, std::string> of(const config::Properties& properties);
};

/// A record as read from a line. None is Kafka's null.
struct InputRecord {
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<std::string> key;
  std::optional<std::string> value;
  bool operator==(const InputRecord&) const = default;
};

/// Reads records from lines, which end at \n, \r or \r\n.
class LineReader {
 public:
  LineReader(std::istream& in, LineFormat format) : in_(in), format_(std::move(format)) {}

  /// The next record; none at the end of the input. Errors: a line that does not have the format, in Kafka's
  /// words.
  std::expected<std::optional<InputRecord>, std::string> next();

 private:
  bool read_line(std::string& line);
  std::expected<InputRecord, std::string> parse(const std::string& line) const;
  std::expected<std::optional<std::string>, std::string> take(std::string_view& rest, const std::string& line,
                                                              const std::string& separator,
                                                              const char* name) const;
  std::expected<void, std::string> parse_headers(std::string_view text, InputRecord& record) const;
  std::optional<std::string> unless_null(std::string_view text) const;

  std::istream& in_;
  LineFormat format_;
  int64_t line_number_ = 0;
  bool after_carriage_return_ = false;
};

}  // namespace kt::cli::produce
