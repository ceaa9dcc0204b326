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

}  // namespace kt::cli::topics
