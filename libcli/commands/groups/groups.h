#pragma once
#include "libcli/commands/groups/options.h"

namespace kt::cli::groups {

extern const Command command;

Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::groups
