#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::log_dirs {

struct Options {
  Setting setting;
  Connection connection;
  std::vector<std::string> topics;  // empty: all
  std::vector<int32_t> brokers;     // empty: all
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::log_dirs
