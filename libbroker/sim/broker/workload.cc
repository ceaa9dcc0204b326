#include "libbroker/sim/broker/workload.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

namespace kt::sim {

Workload::Workload(WorkloadOptions options, std::vector<WorkloadTopic> topics,
                   std::function<int64_t()> now_ns)
    : options_(options), topics_(std::move(topics)), now_ns_(std::move(now_ns)) {}

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
