#pragma once
#include "libcli/commands/argv/command_line.h"

namespace kt::cli {

/// Hands the line to CLI11 in its plainest form, "--name value" under the options' own names, so that one
/// library decides how often an option may stand. Errors: an option given twice that jopt takes once;
/// argparse takes the last.
std::expected<Given, UsageError> match(Family family, const OptionTable& table, const Normalised& line);

}  // namespace kt::cli
