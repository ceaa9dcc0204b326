#pragma once
#include <expected>
#include <optional>
#include <string>

#include "libcli/commands/framework/command.h"

namespace kt::cli::zookeeper {

struct StartOptions {
  Setting setting;
  std::string file;
  bool is_daemon = false;
  std::optional<int32_t> ready_fd;
  std::optional<std::string> ready_file;
};

extern const Syntax start_syntax;
extern const Command start_command;

std::expected<StartOptions, UsageError> parse_start(const Call& call);
Exit start(const StartOptions& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::zookeeper
