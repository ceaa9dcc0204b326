#pragma once
#include <functional>
#include <span>

#include "libcli/commands/argv/given.h"

namespace kt::cli {

/// Which parser's habits a tool follows. kt's own commands follow argparse's.
enum class Family : uint8_t { jopt, argparse };

/// Adds to a line what it does not say itself, before it is checked.
using Amend = std::function<void(const OptionTable&, Normalised&)>;

/// Takes a command line apart and holds it to the table: known options, values of the right type, nothing
/// twice that may stand once, what is required, what excludes what. Errors: the words of the parser that
/// Kafka's tool uses. An option that informs (--help, --version) excuses from what is required.
std::expected<Given, UsageError> read_command_line(Family family, const Grammar& grammar, Freedom freedom,
                                                   std::span<const std::string> args,
                                                   const Amend& amend = {});

}  // namespace kt::cli
