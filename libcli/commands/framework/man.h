#pragma once
#include <iosfwd>

#include "libcli/commands/framework/command.h"

namespace kt::cli {

/// A command's man page in groff's man macros.
void print_man(std::ostream& out, const Syntax& syntax);

}  // namespace kt::cli
