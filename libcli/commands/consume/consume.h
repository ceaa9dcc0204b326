#pragma once
#include "libcli/commands/consume/options.h"

namespace kt::cli::consume {

extern const Command command;

Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::consume
