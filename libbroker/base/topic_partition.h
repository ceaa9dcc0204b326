#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace kt {

/// A partition of a topic; topics in byte order, then partitions by number.
struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
  /// "orders-0"
  std::string text() const { return topic + "-" + std::to_string(partition); }
};

}  // namespace kt
