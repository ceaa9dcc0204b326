#pragma once
#include <expected>

#include "libcli/commands/framework/command.h"

namespace kt::cli::storage {

enum class Verb : uint8_t { random_uuid };

struct Options {
  Verb verb = Verb::random_uuid;
};

extern const Command command;

std::expected<Options, UsageError> parse(const Call& call);
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::storage
