#pragma once
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"

namespace kt::cli {

/// One start of the program.
struct Program {
  std::string path;               // argv[0]
  std::vector<std::string> args;  // the rest
  Commands commands;
};

/// Does what the name and the words of the program say, and returns its exit status. A name that is a Kafka
/// script's
/// (`bin/kafka-topics.sh`, `kafka-topics`) is that script; any other is kt, whose first word names the
/// command.
int run_program(const Program& program, Environment& environment, Streams& streams);

}  // namespace kt::cli
