#pragma once
#include <iosfwd>

#include "libcli/commands/framework/command.h"

namespace kt::cli {

/// A command's man page in groff's man macros.
void print_man(std::ostream& out, const Syntax& syntax);
/// The page of kt itself: its commands, the variables it reads, its exit statuses.
void print_man(std::ostream& out, Commands commands);

}  // namespace kt::cli
