#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "libcli/commands/configs/changes.h"
#include "libcli/commands/configs/entity.h"
#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::configs {

enum class Action : uint8_t { describe, alter };

struct Options {
  Setting setting;
  Connection connection;
  Action action = Action::describe;
  std::vector<Entity> entities;  // one, or of users and clients one each in the order given
  bool all = false;              // describe: also what is not dynamic
  Changes changes;               // alter
  std::string words;             // all that was typed after the command's name, as Kafka's tool repeats it
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::configs
