#pragma once
#include "libcli/commands/producer_perf_test/options.h"

namespace kt::cli::producer_perf_test {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::producer_perf_test
