#pragma once
#include "libcli/commands/topics/options.h"

namespace kt::cli::topics {

extern const Command command;

Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::topics
