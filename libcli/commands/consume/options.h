#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::consume {

/// Which of Kafka's formatters prints a record.
enum class FormatterKind : uint8_t {
  columns,  // DefaultMessageFormatter
  logging,  // the same, and a log line
  nothing,
  offsets,  // of __consumer_offsets, and so on
  group_metadata,
  transaction_log,
  share_group_state,
  share_group,
};

/// Where one partition is read from.
inline constexpr int64_t earliest_offset = -2;
inline constexpr int64_t latest_offset = -1;

struct Options {
  Setting setting;
  Connection connection;  // its properties are the consumer's, group.id and auto.offset.reset included
  std::optional<std::string> topic;
  std::optional<std::string> include;  // instead: a Java regular expression for whole names
  std::optional<std::string> exclude;  // instead, of 2017: all topics but these and Kafka's own
  std::optional<int32_t> partition;    // then no group
  int64_t offset = latest_offset;      // with a partition
  std::optional<int32_t> messages_max;
  std::optional<int64_t> timeout_ms;  // without a record, until the tool ends
  bool skip_message_on_error = false;
  bool systest_events = false;
  FormatterKind formatter = FormatterKind::columns;
  config::Properties formatter_properties;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::consume
