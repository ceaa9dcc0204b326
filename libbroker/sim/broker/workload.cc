#include "libbroker/sim/broker/workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace kt::sim {
namespace {

constexpr int64_t retry_backoff_ms = 100;  // as client::ClusterOptions has it

}  // namespace

Workload::Workload(WorkloadOptions options, std::vector<WorkloadTopic> topics,
                   std::function<int64_t()> now_ns)
    : options_(options),
      topics_(std::move(topics)),
      now_ns_(std::move(now_ns)),
      member_commits_(retry_backoff_ms * 1'000'000) {}

std::optional<std::string> MemberCommits::ended(int32_t partition, int64_t offset, int64_t begun_ns,
                                                int64_t ended_ns, bool is_acknowledged) {
  Commits& commits = partitions_[partition];
  std::optional<std::string> wrong;
  auto& highest = commits.highest_by_end_ns;
  if (is_acknowledged) {
    const auto after = highest.lower_bound(begun_ns);
    const int64_t before = after == highest.begin() ? -1 : std::prev(after)->second;
    if (offset < std::min(before, commits.least_loose))
      wrong = fmt::format("the group's commit of {} for partition {} is taken after one of {} was", offset,
                          partition, before);
    const int64_t so_far = highest.empty() ? -1 : highest.rbegin()->second;
    highest[ended_ns] = std::max(so_far, offset);
  }
  if (!is_acknowledged || ended_ns - begun_ns >= patience_ns_)
    commits.least_loose = std::min(commits.least_loose, offset);
  return wrong;
}

void Workload::was_read(const TopicPartition& partition, int64_t offset) {
  const int64_t end = committed_end(partition);
  if (offset < end || !read_too_far_.insert(partition).second) return;
  violated(
      fmt::format("I12: the record at {} of {} is read, {} is committed", offset, partition.text(), end));
}

std::string payload(const std::string& topic, int32_t partition, Value value, size_t bytes) {
  std::string text = fmt::format("{} {}-{} ", value, topic, partition);
  SeededRng noise(static_cast<uint64_t>(value) * 31 + static_cast<uint64_t>(partition));
  while (text.size() < bytes) text.append(1 + noise.below(8), static_cast<char>('a' + noise.below(26)));
  return text;
}

Value value_of(const std::string& topic, int32_t partition, const Slice& bytes) {
  constexpr Value foreign = -1;  // values count from 1
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Value value = foreign;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return payload(topic, partition, value, bytes.size()) == text ? value : foreign;
}

}  // namespace kt::sim
