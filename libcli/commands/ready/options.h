#pragma once
#include <cstdint>
#include <expected>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::ready {

/// Whether the cluster serves: so many brokers are there, and every partition that exists has a leader.
struct Options {
  Setting setting;
  Connection connection;
  int64_t wait_ms = 0;  // 0: ask once
  int32_t brokers_min = 1;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::ready
