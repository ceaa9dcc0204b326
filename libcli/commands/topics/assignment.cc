#include "libcli/commands/topics/assignment.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libcli/commands/argv/java_number.h"
#include "libcli/term/text.h"

namespace kt::cli::topics {
namespace {

/// Parts as Java's split gives them: empty ones at the end are dropped.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "1:2" -> "[1, 2]", as Java prints a list.
std::string java_list(const std::vector<int32_t>& brokers) {
  std::vector<std::string> texts;
  for (const int32_t broker : brokers) texts.push_back(std::to_string(broker));
  return "[" + term::join(texts, ", ") + "]";
}

std::string duplicates(const std::vector<int32_t>& brokers) {
  std::set<int32_t> seen, twice;
  for (const int32_t broker : brokers) {
    if (!seen.insert(broker).second) twice.insert(broker);
  }
  std::vector<std::string> texts;
  for (const int32_t broker : twice) texts.push_back(std::to_string(broker));
  return term::join(texts, ",");
}

}  // namespace

std::expected<std::vector<std::vector<int32_t>>, std::string> parse_assignment(std::string_view text) {
  std::vector<std::vector<int32_t>> partitions;
  for (const std::string& part : split(text, ',')) {
    std::vector<int32_t> brokers;
    for (const std::string& id : split(part, ':')) {
      const auto broker = java_integer(trimmed(id));
      if (!broker) return std::unexpected("For input string: \"" + std::string(trimmed(id)) + "\"");
      brokers.push_back(*broker);
    }
    if (const std::string twice = duplicates(brokers); !twice.empty()) {
      return std::unexpected("Partition replica lists may not contain duplicate entries: " + twice);
    }
    if (!partitions.empty() && brokers.size() != partitions.front().size()) {
      return std::unexpected("Partition " + std::to_string(partitions.size()) +
                             " has different replication factor: " + java_list(brokers));
    }
    partitions.push_back(std::move(brokers));
  }
  return partitions;
}

std::expected<std::vector<std::vector<int32_t>>, std::string> place_classically(
    const ClassicPlacement& placement, int32_t count) {
  const auto& [brokers, replication_factor, start, first_shift, first_partition] = placement;
  const size_t n = brokers.size();
  if (static_cast<size_t>(replication_factor) > n) {
    return std::unexpected(
        fmt::format("Replication factor: {} larger than available brokers: {}.", replication_factor, n));
  }
  std::vector<std::vector<int32_t>> partitions;
  size_t shift = first_shift;
  for (int32_t partition = first_partition; partition < first_partition + count; ++partition) {
    const auto turn = static_cast<size_t>(partition);
    if (turn > 0 && turn % n == 0) ++shift;
    const size_t first = (turn + start) % n;
    std::vector<int32_t>& replicas = partitions.emplace_back(1, brokers[first]);
    for (size_t follower = 0; follower + 1 < static_cast<size_t>(replication_factor); ++follower)
      replicas.push_back(brokers[(first + 1 + (shift + follower) % (n - 1)) % n]);
  }
  return partitions;
}

}  // namespace kt::cli::topics
