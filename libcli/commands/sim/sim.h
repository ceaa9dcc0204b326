#pragma once
#include "libcli/commands/sim/options.h"

namespace kt::cli::sim {

extern const Command command;
/// A line for each seed, and at the end what the seeds had in common. A seed that fails is told with what was
/// found and the least list of faults that still makes it fail; exit 1 then. With all mutants a line for
/// each; exit 1 if one was found by no seed.
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::sim
