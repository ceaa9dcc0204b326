#pragma once
#include <span>

#include "libcli/commands/argv/normalised.h"

namespace kt::cli {

/// Reads words as argparse4j 0.7.0 does for the rest of Kafka's tools, and as kt does for its own commands:
/// two dashes for long names, unique prefixes of options and subcommands where `freedom` allows, a value may
/// not look like an option unless it is a negative number. Options before the subcommand also work after it.
/// Errors: argparse's own sentences.
std::expected<Normalised, UsageError> normalise_argparse(const Grammar& grammar, Freedom freedom,
                                                         std::span<const std::string> args);

/// "--id/-i", as argparse's messages name an option.
std::string argparse_name(const OptionSpec& option);

}  // namespace kt::cli
