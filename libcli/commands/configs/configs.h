#pragma once
#include "libcli/commands/configs/options.h"

namespace kt::cli::configs {

extern const Command command;

std::expected<Exit, UsageError> run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::configs
