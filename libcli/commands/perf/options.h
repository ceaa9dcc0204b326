#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::perf {

inline constexpr int32_t batch_bytes_max = 64 << 20;
inline constexpr int32_t depth_max = 1024;
inline constexpr int32_t connections_max = 4096;

/// Sends batches that were built before, over and over: what a broker can take, not what a producer can make.
struct Options {
  Setting setting;
  Connection connection;
  std::string topic;
  int32_t batch_bytes = 0;
  int32_t record_bytes = 0;
  int32_t depth = 0;        // requests under way on each connection
  int32_t connections = 0;  // each to the leader of one partition, in turn
  int16_t acks = -1;
  int64_t duration_ms = 0;
  std::optional<int64_t> batches_max;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::perf
