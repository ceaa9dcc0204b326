#pragma once
#include "libcli/commands/framework/command.h"

namespace kt::cli {

/// Tells why a command line was refused: in the words and on the streams of the Kafka script, with
/// suggestions where kt runs under its own name, or as a JSON document where that is what was asked for.
void print_refusal(const Command& command, const UsageError& error, const Setting& setting, Commands commands,
                   Streams& streams);

/// Names of options, verbs or commands that the unknown word of `error` may stand for.
std::vector<std::string> suggestions_for(const Syntax& syntax, Mode mode, const UsageError& error);

}  // namespace kt::cli
