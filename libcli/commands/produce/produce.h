#pragma once
#include "libcli/commands/produce/options.h"

namespace kt::cli::produce {

extern const Command command;

Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::produce
