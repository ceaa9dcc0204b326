#pragma once
#include <expected>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::zookeeper {

/// ZooKeeper's shell, as far as people of 2017 looked at Kafka through it: ls and get, of what a cluster's
/// metadata tells (nodes.h). Nothing can be written there.
struct ShellOptions {
  Setting setting;
  Connection connection;
  std::vector<std::string> words;  // one command; empty: commands come line by line
};

extern const Syntax shell_syntax;
extern const Command shell_command;

std::expected<ShellOptions, UsageError> parse_shell(const Call& call);
Exit shell(const ShellOptions& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::zookeeper
