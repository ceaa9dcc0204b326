#include "libcli/commands/groups/reset.h"

#include <fmt/core.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "libbroker/base/disk.h"
#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/partitions.h"

namespace kt::cli::groups {
namespace {

constexpr int64_t latest_timestamp = -1, earliest_timestamp = -2;
constexpr uint64_t plan_bytes_max = 64 << 20;

}  // namespace

Result<void> Resetting::read_plan(Disk& disk) {
  const std::string& path = options_.reset->file;
  const auto there = disk.exists(path);
  const Result<std::string> text =
      there && *there ? disk.read_all(path, plan_bytes_max) : fail(ErrorCode::invalid_config);
  if (!text) return fail(ErrorCode::invalid_config, "java.io.IOException: Unable to read file " + path);
  auto plan =
      parse_reset_plan(*text, options_.groups.size() == 1 ? std::optional(options_.groups[0]) : std::nullopt);
  if (!plan) return fail(ErrorCode::invalid_config, path + ": " + plan.error());
  from_file_ = std::move(*plan);
  return {};
}

void Resetting::tell_of(const std::string& problem) {
  left_out_groups_ = true;
  const bool is_script = options_.setting.mode == Mode::script;
  (is_script ? streams_.out : streams_.err) << (is_script ? "\nError: " : "error: ") << problem << '\n';
}

Result<Resetting::Offsets> Resetting::reset(const std::string& group) {
  const auto described = describe_group(session_, group);
  if (!described && described.error().code != ErrorCode::group_id_not_found) return fail(described.error());
  if (described && described->state != "Empty") {
    tell_of(fmt::format(
        "Assignments can only be reset if the group '{}' is inactive, but the current state is {}.", group,
        described->state));
    return Offsets();
  }
  auto offsets = plan(group);
  if (!offsets || refused_ || !options_.execute || offsets->empty()) return offsets;
  if (auto done = commit_offsets(session_, group, *offsets); !done) return fail(done.error());
  return offsets;
}

Result<std::vector<TopicPartition>> Resetting::partitions(const Offsets& committed) {
  std::vector<TopicPartition> partitions;
  if (options_.all_topics) {
    for (const auto& [at, offset] : committed) partitions.push_back(at);
    return partitions;
  }
  std::vector<std::string> names;
  for (const auto& topic : options_.topics) names.push_back(topic.topic);
  const auto topology = session_.topology(names);
  if (!topology) return fail(topology.error());
  for (const auto& wanted : options_.topics) {
    const auto found = (*topology)->topics.find(wanted.topic);
    const ErrorCode code =
        found == (*topology)->topics.end() ? ErrorCode::unknown_topic_or_partition : found->second.error_code;
    if (code == ErrorCode::unknown_topic_or_partition)
      return fail(code, fmt::format("Topic '{}' does not exist", wanted.topic));
    if (code != ErrorCode::none)
      return fail(code, fmt::format("Topic '{}': {}", wanted.topic, java_message({code})));
    std::set<int32_t> there;
    for (const auto& p : found->second.partitions) there.insert(p.partition_index);
    const std::set<int32_t> named(wanted.partitions.begin(), wanted.partitions.end());
    for (const int32_t partition : named.empty() ? there : named) {
      if (!there.contains(partition)) {
        return fail(ErrorCode::unknown_topic_or_partition,
                    fmt::format("Partition {}-{} does not exist", wanted.topic, partition));
      }
      partitions.push_back({wanted.topic, partition});
    }
  }
  std::ranges::sort(partitions);
  return partitions;
}

Result<Resetting::Offsets> Resetting::plan(const std::string& group) {
  using enum ResetTarget::Kind;
  const ResetTarget target = options_.reset.value_or(ResetTarget{});
  if (target.kind == file) {
    const auto found = from_file_.find(group);
    if (found == from_file_.end()) return tell_of("No reset plan for group " + group + " found"), Offsets();
    return within_log(found->second);
  }
  const auto stored = committed_offsets(session_, group);
  if (!stored) return fail(stored.error());
  Offsets committed;
  for (const auto& [at, offset] : *stored) committed[at] = offset.offset;
  const auto chosen = partitions(committed);
  if (!chosen) return fail(chosen.error());
  switch (target.kind) {
    case ResetTarget::Kind::earliest:
      return bounds(*chosen, earliest_timestamp);
    case ResetTarget::Kind::latest:
      return bounds(*chosen, latest_timestamp);
    case timestamp:
      return by_time(*chosen);
    default:
      break;
  }
  Offsets wanted;
  for (const TopicPartition& at : *chosen) {
    const auto current = committed.find(at);
    if (target.kind == offset) {
      wanted[at] = target.value;
    } else if (current != committed.end()) {
      wanted[at] = current->second + (target.kind == shift ? target.value : 0);
    } else if (target.kind == shift) {
      refused_ = UsageError{
          fmt::format("Cannot shift offset for partition {}-{} since there is no current committed offset",
                      at.topic, at.partition)};
      return Offsets();
    }
  }
  if (target.kind != current) return within_log(std::move(wanted));
  std::vector<TopicPartition> not_committed;
  std::ranges::copy_if(*chosen, std::back_inserter(not_committed),
                       [&](const auto& at) { return !wanted.contains(at); });
  auto ends = bounds(not_committed, latest_timestamp);
  if (ends) ends->merge(wanted);
  return ends;
}

/// Where the partitions begin or end.
Result<Resetting::Offsets> Resetting::bounds(const std::vector<TopicPartition>& partitions,
                                             int64_t timestamp) {
  auto offsets = offsets_of_all(session_, partitions, timestamp);
  if (!offsets) return offsets;
  const auto odd = std::ranges::find_if(*offsets, [](const auto& one) { return one.second < 0; });
  if (odd == offsets->end()) return offsets;
  return fail(ErrorCode::unknown_server_error,
              fmt::format("{}: its leader answered without an offset", odd->first.text()));
}

Result<Resetting::Offsets> Resetting::by_time(const std::vector<TopicPartition>& partitions) {
  auto offsets = offsets_of_all(session_, partitions, options_.reset->value);
  if (!offsets) return offsets;
  std::vector<TopicPartition> without;
  for (const auto& [at, offset] : *offsets) {
    if (offset < 0) without.push_back(at);
  }
  for (const TopicPartition& at : without) {
    offsets->erase(at);
    auto& told = options_.setting.mode == Mode::script ? streams_.out : streams_.err;
    told << fmt::format("\nWarn: Partition {} from topic {} is empty. Falling back to latest known offset.\n",
                        at.partition, at.topic);
  }
  auto ends = bounds(without, latest_timestamp);
  if (!ends) return ends;
  offsets->merge(*ends);
  return offsets;
}

Result<Resetting::Offsets> Resetting::within_log(Offsets wanted) {
  std::vector<TopicPartition> partitions;
  for (const auto& [at, offset] : wanted) partitions.push_back(at);
  const auto starts = bounds(partitions, earliest_timestamp);
  if (!starts) return starts;
  const auto ends = bounds(partitions, latest_timestamp);
  if (!ends) return ends;
  for (auto& [at, offset] : wanted) {
    const int64_t start = starts->at(at), end = ends->at(at);
    const int64_t fitting = std::min(std::max(offset, start), end);
    if (fitting == offset) continue;
    streams_.err << fmt::format(
        "WARN New offset ({}) is {} offset for topic partition {}-{}. Value will be set to {}\n", offset,
        offset > fitting ? "higher than latest" : "lower than earliest", at.topic, at.partition, fitting);
    offset = fitting;
  }
  return wanted;
}

}  // namespace kt::cli::groups
