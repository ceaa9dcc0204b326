#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "libcli/commands/framework/setting.h"
#include "libcli/commands/framework/syntax.h"

namespace kt::cli {

/// The options that a command has besides its own: --output where it offers more than a table, client
/// settings where it has a cluster to talk to, and so on.
std::vector<OptionSpec> common_options(Mode mode, const Syntax& syntax);

/// A variable that kt reads, for `kt help environment`.
struct Variable {
  std::string_view name;
  std::string_view help;  // a clause without a full stop
};
std::span<const Variable> variables();

}  // namespace kt::cli
