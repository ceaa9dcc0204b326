#pragma once
#include <expected>
#include <string_view>

#include "libcli/commands/framework/command.h"

namespace kt::cli::zookeeper {

// kafka-server-stop and zookeeper-server-stop: a signal, SIGTERM or the one that $SIGNAL names, to every
// process of this machine that shows "java CLASS" in its argument list, whoever's program it is; so the
// scripts of Kafka have it.

extern const Syntax stop_syntax, server_stop_syntax;
extern const Command stop_command, server_stop_command;

}  // namespace kt::cli::zookeeper
