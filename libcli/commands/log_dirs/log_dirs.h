#pragma once
#include "libcli/commands/log_dirs/options.h"

namespace kt::cli::log_dirs {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::log_dirs
