#pragma once
#include "libcli/commands/delete_records/options.h"

namespace kt::cli::delete_records {

extern const Command command;

Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::delete_records
