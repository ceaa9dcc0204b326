#pragma once
#include "libcli/commands/consumer_perf_test/options.h"

namespace kt::cli::consumer_perf_test {

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::consumer_perf_test
