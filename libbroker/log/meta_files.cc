#include "libbroker/log/meta_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "libbroker/base/disk.h"
#include "libbroker/log/replace_file.h"

namespace kt::log {
namespace {

constexpr uint64_t meta_file_bytes_max = 64 << 10;

std::unexpected<Error> malformed(const std::string& path, std::string_view what) {
  return fail(ErrorCode::kafka_storage_error, fmt::format("{}: {}", path, what));
}

Result<std::optional<std::string>> read_if_there(Disk& disk, const std::string& path) {
  const auto there = disk.exists(path);
  if (!there) return fail(there.error());
  if (!*there) return std::nullopt;
  auto text = disk.read_all(path, meta_file_bytes_max);
  if (!text) return fail(std::move(text.error()));
  return std::move(*text);
}

template <class I>
std::optional<I> to_number(std::string_view text) {
  I value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\f");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\f") - begin + 1);
}

/// `key=value` or `key: value` lines; '#' and '!' begin comments, a backslash takes the next character as it
/// is. That is as much of Java's property files as Kafka writes here.
std::map<std::string, std::string> parse_lines(std::string_view text) {
  std::map<std::string, std::string> values;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#' || line[0] == '!') continue;
    const size_t separator = line.find_first_of("=:");
    if (separator == line.npos) continue;
    std::string value;
    const std::string_view raw = trim(line.substr(separator + 1));
    for (size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '\\' && i + 1 < raw.size()) ++i;
      value.push_back(raw[i]);
    }
    values[std::string(trim(line.substr(0, separator)))] = std::move(value);
  }
  return values;
}

/// As Java's property files say a value.
std::string escape(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '=' || c == ':' || c == '#' || c == '!') text.push_back('\\');
    text.push_back(c);
  }
  return text;
}

}  // namespace

Result<std::optional<MetaProperties>> read_meta_properties(Disk& disk, const std::string& log_dir) {
  const std::string path = log_dir + "/" + MetaProperties::file;
  const auto text = read_if_there(disk, path);
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;

  auto values = parse_lines(**text);
  MetaProperties properties;
  const auto version = to_number<int>(values["version"]);
  if (!version || *version < 0 || *version > 1) return malformed(path, "the version is neither 0 nor 1");
  properties.version = *version;
  const char* const node_key = properties.version == 0 ? "broker.id" : "node.id";
  if (values.contains(node_key)) {
    properties.node_id = to_number<int32_t>(values[node_key]);
    if (!properties.node_id) return malformed(path, fmt::format("{} is not a number", node_key));
  }
  if (values.contains("cluster.id")) properties.cluster_id = values["cluster.id"];
  if (values.contains("directory.id")) {
    properties.directory_id = Uuid::parse(values["directory.id"]);
    if (!properties.directory_id) return malformed(path, "directory.id is not a uuid");
  }
  if (properties.version == 1 && !properties.node_id) return malformed(path, "node.id is missing");
  if (properties.version == 1 && !properties.cluster_id) return malformed(path, "cluster.id is missing");
  return properties;
}

Result<void> write_meta_properties(Disk& disk, const std::string& log_dir, const MetaProperties& properties) {
  std::string text = "#\n";
  const auto line = [&](std::string_view key, std::string_view value) {
    fmt::format_to(std::back_inserter(text), "{}={}\n", key, escape(value));
  };
  if (properties.node_id)
    line(properties.version == 0 ? "broker.id" : "node.id", std::to_string(*properties.node_id));
  if (properties.directory_id) line("directory.id", properties.directory_id->text());
  line("version", std::to_string(properties.version));
  if (properties.cluster_id) line("cluster.id", *properties.cluster_id);
  return disk.replace(log_dir + "/" + MetaProperties::file, text);
}

Result<std::optional<Uuid>> read_topic_id(Disk& disk, const std::string& directory) {
  const std::string path = directory + "/" + partition_metadata_file;
  const auto text = read_if_there(disk, path);
  if (!text) return fail(text.error());
  if (!*text || (*text)->empty()) return std::nullopt;
  auto values = parse_lines(**text);
  if (values["version"] != "0") return fail(ErrorCode::corrupt_message, path + ": the version is not 0");
  const auto id = Uuid::parse(values["topic_id"]);
  if (!id || id->is_zero())
    return fail(ErrorCode::corrupt_message, path + ": topic_id is not the id of a topic");
  return id;
}

Result<void> write_topic_id(Disk& disk, const std::string& directory, const Uuid& topic_id) {
  return disk.replace(directory + "/" + partition_metadata_file,
                      fmt::format("version: 0\ntopic_id: {}", topic_id.text()));
}

Result<std::optional<CleanShutdown>> read_clean_shutdown(Disk& disk, const std::string& log_dir) {
  const auto text = read_if_there(disk, log_dir + "/" + CleanShutdown::file);
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;
  CleanShutdown shutdown;
  constexpr std::string_view key = "\"brokerEpoch\"";
  std::string_view rest = **text;
  if (const size_t at = rest.find(key); at != rest.npos) {
    rest.remove_prefix(at + key.size());
    const size_t begin = std::min(rest.find_first_not_of(" \t\r\n:"), rest.size());
    const size_t end = std::min(rest.find_first_not_of("-0123456789", begin), rest.size());
    shutdown.broker_epoch = to_number<int64_t>(rest.substr(begin, end - begin)).value_or(-1);
  }
  return shutdown;
}

Result<void> write_clean_shutdown(Disk& disk, const std::string& log_dir, const CleanShutdown& shutdown) {
  return disk.replace(log_dir + "/" + CleanShutdown::file,
                      fmt::format(R"({{"version":0,"brokerEpoch":{}}})", shutdown.broker_epoch));
}

Result<void> remove_clean_shutdown(Disk& disk, const std::string& log_dir) {
  if (auto done = disk.remove(log_dir + "/" + CleanShutdown::file); !done) return done;
  return disk.sync_directory(log_dir);
}

}  // namespace kt::log
