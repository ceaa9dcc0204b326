#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"
#include "libcli/config/date_format.h"

namespace kt::cli::consumer_perf_test {

struct Options {
  Setting setting;
  Connection connection;  // its properties are the consumer's, group.id included
  std::optional<std::string> topic;
  std::optional<std::string> include;  // instead: a Java regular expression for whole names
  int64_t records_max = 0;
  int64_t timeout_ms = 0;  // without a record, until the tool gives up
  int64_t reporting_interval_ms = 0;
  bool detailed = false;  // a line an interval, instead of one at the end
  config::DateFormat date_format;
  bool hide_header = false;
  bool print_metrics = false;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::consumer_perf_test
