#include "libcli/commands/framework/command.h"

#include <algorithm>

namespace kt::cli {

const Command* find_command(Commands commands, std::string_view name) {
  const auto found =
      std::ranges::find_if(commands, [name](const Command* c) { return is_called(c->syntax, name); });
  return found == commands.end() ? nullptr : *found;
}

}  // namespace kt::cli
