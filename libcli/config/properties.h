#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "libbroker/base/result.h"

namespace kt {
class Disk;
}

namespace kt::config {

/// Keys and values in UTF-8. A key without a value has an empty one.
using Properties = std::map<std::string, std::string, std::less<>>;

inline constexpr size_t properties_file_bytes_max = 16 << 20;

/// The text of a Java .properties file: ISO-8859-1 bytes, # and ! comments, = : or blank between key and
/// value,
/// \ at a line's end continues it, \t \n \r \f \uXXXX escapes; of two equal keys the later wins.
/// Errors: invalid_config for a broken \u escape, in Java's words.
Result<Properties> parse_properties(std::string_view latin1);

/// As parse_properties, from a file. Errors: kafka_storage_error whose text is the path when there is no such
/// file.
Result<Properties> load_properties(Disk& disk, const std::string& path);

/// "key=value" as it stands on a command line: split at the first '=', nothing unescaped.
/// "key" and "key=" both give an empty value.
std::pair<std::string, std::string> split_key_value(std::string_view text);

/// A list of "key=value"; of two equal keys the later wins.
Properties parse_key_values(std::span<const std::string> texts);

/// The value of `key`, or nothing.
std::optional<std::string> find(const Properties& properties, std::string_view key);

/// Java's boolean properties: "true" in any case, blanks around it allowed; everything else is false.
bool is_true(std::string_view text);

/// Overwrites `into` where `key` has a value.
void read(const Properties& properties, std::string_view key, std::string& into);
void read(const Properties& properties, std::string_view key, bool& into);

/// `over` wins over `under`, key by key.
Properties merge(Properties under, const Properties& over);

}  // namespace kt::config
