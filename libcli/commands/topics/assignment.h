#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace kt::cli::topics {

/// "1:2,2:3": the brokers of partition 0, of partition 1 and so on. The error is Kafka's sentence: a number
/// that is none, a broker twice in one partition, partitions of different sizes.
std::expected<std::vector<std::vector<int32_t>>, std::string> parse_assignment(std::string_view text);

/// Where Kafka's tools placed replicas while they did so themselves, before 2.2 (AdminUtils, without racks).
struct ClassicPlacement {
  std::vector<int32_t> brokers;  // sorted
  int32_t replication_factor = 1;
  uint32_t start = 0;  // whose turn it is first: partition p's first replica is on broker p + start
  uint32_t shift =
      0;  // how far the second replica is from the first, less 1; grows with each round of brokers
  int32_t first_partition = 0;
};
/// The brokers of `count` partitions. The error is the tool's sentence: there are fewer brokers than
/// replicas.
std::expected<std::vector<std::vector<int32_t>>, std::string> place_classically(
    const ClassicPlacement& placement, int32_t count);

}  // namespace kt::cli::topics
