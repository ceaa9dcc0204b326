#pragma once
#include "libcli/commands/framework/command.h"

namespace kt::cli {

/// Every command of kt, in the order in which help lists them.
Commands all_commands();

}  // namespace kt::cli
