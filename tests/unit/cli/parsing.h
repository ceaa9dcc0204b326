#pragma once
#include <string>
#include <vector>

#include "libcli/commands/framework/common_options.h"
#include "libcli/commands/framework/connection.h"
#include "tests/unit/cli/world.h"

namespace kt::cli {

/// Runs a command's parser on a command line, as the program does before it runs the command.
template <class Parse>
auto parse_words(const Syntax& syntax, Parse parse, World& world, Mode mode,
                 const std::vector<std::string>& words) -> decltype(parse(std::declval<const Call&>())) {
  const std::vector<OptionSpec> common = common_options(mode, syntax);
  Grammar grammar = syntax.grammar;
  grammar.common = common;
  const Freedom freedom{.letters = mode == Mode::kt, .words = mode == Mode::kt};
  const auto given =
      read_command_line(syntax.family, grammar, freedom, words, supply_bootstrap(mode, world.environment));
  if (!given) return std::unexpected(given.error());
  const auto setting = setting_of(*given, syntax, mode, "kt", world.environment);
  if (!setting) return std::unexpected(setting.error());
  return parse({*given, *setting, world.environment, {}});
}

}  // namespace kt::cli
