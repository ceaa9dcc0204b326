#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::producer_perf_test {

/// What the records hold.
struct Payload {
  enum class Kind : uint8_t { random, file, monotonic };
  Kind kind = Kind::random;
  int32_t bytes = 0;           // random: letters A to Z
  std::string file = {};       // file: a random pick of its parts
  std::string delimiter = {};  // between them; a regular expression
  bool operator==(const Payload&) const = default;
};

struct Options {
  Setting setting;
  Connection connection;  // its properties are the producer's
  std::string topic;
  int64_t records = 0;
  Payload payload;
  double records_per_second_max = -1;              // negative: as fast as it goes
  std::optional<int64_t> transaction_duration_ms;  // none: without transactions
  int64_t warmup_records = 0;
  int64_t reporting_interval_ms = 0;
  bool print_metrics = false;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::producer_perf_test
