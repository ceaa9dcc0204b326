#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "libcli/commands/argv/option_table.h"
#include "libcli/commands/argv/usage_error.h"

namespace kt::cli {

/// An option as it stood on the command line.
struct Occurrence {
  const OptionSpec* option;
  std::string spelling;              // the name that was typed, without dashes
  std::optional<std::string> value;  // none: a flag, or an optional value left out
};

/// A command line of either parser family, taken apart: what both families agree on.
struct Normalised {
  std::vector<Occurrence> options;         // in order
  const Subcommand* subcommand = nullptr;  // argparse tools that have them
  std::vector<std::string> words;          // what belongs to no option
};

/// How freely options may be written.
struct Freedom {
  bool letters = false;   // jopt: -b for an option with that letter
  bool prefixes = false;  // --bootstrap-s, when only one option starts so
  bool words =
      false;  // jopt: "create orders" for "--create --topic orders"; other words are refused, not ignored
};

}  // namespace kt::cli
