#pragma once
#include "libcli/commands/ready/options.h"

namespace kt::cli::ready {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::ready
