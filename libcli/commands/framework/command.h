#pragma once
#include <expected>
#include <span>

#include "libcli/commands/framework/environment.h"
#include "libcli/commands/framework/exit_code.h"
#include "libcli/commands/framework/setting.h"
#include "libcli/commands/framework/streams.h"
#include "libcli/commands/framework/syntax.h"

namespace kt::cli {

struct Command;
using Commands = std::span<const Command* const>;

/// One call of a command, taken apart and ready to be checked by the command's own parser.
struct Call {
  const Given& given;
  const Setting& setting;
  Environment& environment;
  Commands commands;                        // all there are, for those that speak about the others
  std::span<const std::string> words = {};  // as they were typed after the command's name
};

/// A shell tool: what it accepts and the function that runs it. Commands that have no such function yet are
/// not registered.
struct Command {
  const Syntax& syntax;
  std::expected<Exit, UsageError> (*enter)(const Call&, Streams&);
};

/// Most commands: the folder's parser fills its Options, its run() carries them out.
template <auto parse, auto run>
std::expected<Exit, UsageError> parse_and_run(const Call& call, Streams& streams) {
  const auto options = parse(call);
  if (!options) return std::unexpected(options.error());
  return run(*options, call.environment, streams);
}

/// By any of its names; null when there is none.
const Command* find_command(Commands commands, std::string_view name);

}  // namespace kt::cli
