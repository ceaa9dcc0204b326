#pragma once
#include <expected>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"

namespace kt::cli::help {

struct Options {
  Commands commands;
  Setting setting;
  std::vector<std::string> topic;  // none: the overview
};

extern const Command command;

std::expected<Options, UsageError> parse(const Call& call);
/// Prints help on a command, its man page, the overview or the table of variables. Exit::not_found for
/// anything else.
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::help
