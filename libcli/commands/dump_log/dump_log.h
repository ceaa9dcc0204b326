#pragma once
#include "libcli/commands/dump_log/options.h"

namespace kt::cli::dump_log {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::dump_log
