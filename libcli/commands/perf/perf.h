#pragma once
#include "libcli/commands/perf/options.h"

namespace kt::cli::perf {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::perf
