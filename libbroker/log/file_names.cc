#include "libbroker/log/file_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "libbroker/base/assert.h"
#include "libbroker/base/uuid.h"

namespace kt::log {
namespace {

constexpr size_t offset_digits = 20, directory_name_max = 255;
constexpr std::array suffixes = {log_suffix, offset_index_suffix, time_index_suffix, txn_index_suffix,
                                 snapshot_suffix};
constexpr std::array states = {deleted_suffix, cleaned_suffix, swap_suffix};

struct StateSuffix {
  PartitionDirectory::State state;
  std::string_view text;
};
constexpr std::array directory_states = {StateSuffix{PartitionDirectory::State::deleted, "-delete"},
                                         StateSuffix{PartitionDirectory::State::future, "-future"},
                                         StateSuffix{PartitionDirectory::State::stray, "-stray"}};

template <class I>
std::optional<I> parse_number(std::string_view text) {
  I value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<TopicPartition> parse_topic_partition(std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == name.npos || dash == 0) return std::nullopt;
  const auto partition = parse_number<int32_t>(name.substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, dash)), *partition};
}

}  // namespace

std::string file_name(int64_t offset, std::string_view suffix) {
  return fmt::format("{:020}{}", offset, suffix);
}

std::string file_path(std::string_view directory, int64_t offset, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", directory, offset, suffix);
}

std::optional<FileName> parse_file_name(std::string_view name) {
  FileName file;
  for (const std::string_view state : states) {
    if (name.ends_with(state)) file.state = state;
  }
  name.remove_suffix(file.state.size());
  if (name.size() < offset_digits) return std::nullopt;
  const auto suffix = std::ranges::find(suffixes, name.substr(offset_digits));
  const auto offset = parse_number<int64_t>(name.substr(0, offset_digits));
  if (suffix == suffixes.end() || !offset) return std::nullopt;
  file.suffix = *suffix;
  file.offset = *offset;
  return file;
}

std::optional<PartitionDirectory> parse_directory_name(std::string_view name) {
  PartitionDirectory directory;
  for (const StateSuffix& suffix : directory_states) {
    if (!name.ends_with(suffix.text)) continue;
    const size_t dot = name.rfind('.');
    if (dot == name.npos || dot + 1 + suffix.text.size() >= name.size()) return std::nullopt;
    directory.state = suffix.state;
    name = name.substr(0, dot);
  }
  auto partition = parse_topic_partition(name);
  if (!partition) return std::nullopt;
  directory.partition = std::move(*partition);
  return directory;
}

std::string directory_name(const TopicPartition& partition) {
  return fmt::format("{}-{}", partition.topic, partition.partition);
}

std::string directory_name(const TopicPartition& partition, PartitionDirectory::State state, Rng& rng) {
  const auto suffix = std::ranges::find(directory_states, state, &StateSuffix::state);
  KT_ASSERT(suffix != directory_states.end());
  const Uuid unique = Uuid::random(rng);
  const std::string tail =
      fmt::format("-{}.{:016x}{:016x}{}", partition.partition, unique.high, unique.low, suffix->text);
  return partition.topic.substr(0, directory_name_max - tail.size()) + tail;
}

}  // namespace kt::log
