#pragma once
#include "libcli/commands/get_offsets/options.h"

namespace kt::cli::get_offsets {

extern const Command command;

Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::get_offsets
