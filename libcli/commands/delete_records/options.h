#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::delete_records {

/// All records of the partition before `offset` go; -1: before the high watermark.
struct Deletion {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  bool operator==(const Deletion&) const = default;
};

struct Options {
  Setting setting;
  Connection connection;
  std::vector<Deletion> deletions;
};

inline constexpr uint64_t offset_file_bytes_max = 64 << 20;

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

/// {"version":1,"partitions":[{"topic":"orders","partition":0,"offset":100}]}, the version optional.
/// Errors: Kafka's sentences.
std::expected<std::vector<Deletion>, std::string> parse_offset_file(std::string_view json);

}  // namespace kt::cli::delete_records
