#pragma once
#include <expected>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::broker_api_versions {

struct Options {
  Setting setting;
  Connection connection;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::broker_api_versions
