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
inline constexpr double rate_max = 1e6;  // requests a second

/// What is sent, over and over: what a broker can take, not what a client can make.
enum class Load : uint8_t {
  produce,   // batches built before
  single,    // the same with one record each
  fetch,     // reads what the topic holds, from its start and again
  metadata,  // asks for the topic
};

struct Options {
  Setting setting;
  Connection connection;
  std::string topic;
  Load load = Load::produce;
  int32_t batch_bytes = 0;  // of a batch to send, or at most of an answer to a fetch
  int32_t record_bytes = 0;
  int32_t depth = 0;        // requests under way on each connection
  int32_t connections = 0;  // each to the leader of one partition, in turn
  int16_t acks = -1;
  std::optional<double> rate;  // open loop: requests a second, whatever the answers; none: closed loop
  int64_t warmup_ms = 0;       // not counted
  int64_t duration_ms = 0;     // after it
  std::optional<int64_t> batches_max;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::perf
