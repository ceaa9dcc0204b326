#pragma once
#include <span>

#include "libcli/commands/argv/given.h"

namespace kt::cli {

/// Which parser's habits a tool follows. kt's own commands follow argparse's.
enum class Family : uint8_t { jopt, argparse };

/// Takes a command line apart and holds it to the table: known options, values of the right type, nothing twice that
/// may stand once, what is required, what excludes what. Errors: the words of the parser that Kafka's tool uses.
/// Asking for --help or --version excuses from what is required.
std::expected<Given, UsageError> read_command_line(Family family, const Grammar& grammar, Freedom freedom,
                                                   std::span<const std::string> args);

}  // namespace kt::cli
