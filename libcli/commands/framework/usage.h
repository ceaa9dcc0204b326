#pragma once
#include <iosfwd>
#include <string>

#include "libcli/commands/framework/setting.h"
#include "libcli/commands/framework/syntax.h"

namespace kt::cli {

/// How Kafka's jopt tools write an option in their usage table: "--topic <String: topic>".
std::string jopt_entry(const OptionSpec& option);

/// The table of options that Kafka's jopt tools print after a usage error.
void print_option_table(std::ostream& out, const Syntax& syntax);

/// argparse's "usage: ..." lines, for the tool or one of its subcommands (null: the tool).
void print_usage_lines(std::ostream& out, const Syntax& syntax, const Subcommand* subcommand);

}  // namespace kt::cli
