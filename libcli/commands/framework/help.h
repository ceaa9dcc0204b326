#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"

namespace kt::term {
class Paint;
}

namespace kt::cli {

/// How to use one command, for people: synopsis, examples, verbs, options by group; old options only with
/// `all`.
void print_help(std::ostream& out, const Syntax& syntax, bool all, const term::Paint& paint);

/// What `kt` alone says: every command in a line.
void print_overview(std::ostream& out, Commands commands);

/// "kt topics ACTION [TOPIC] [options]"
std::string synopsis(const Syntax& syntax);

/// "-b, --bootstrap-server <server to connect to>"
std::string help_entry(const OptionSpec& option);

/// A group of options under its heading, in the order in which help and man pages show them.
struct OptionGroup {
  std::string_view heading;
  std::vector<OptionSpec> options;
};
/// The options of `options` and then the common ones, by group, without verbs; those of other times only with
/// `all`.
std::vector<OptionGroup> grouped_options(const Syntax& syntax, OptionSpecs options, bool all);

}  // namespace kt::cli
