#pragma once
#include "libcli/commands/storage/options.h"

namespace kt::cli::storage {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::storage
