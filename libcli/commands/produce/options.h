#pragma once
#include <expected>
#include <string>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"
#include "libcli/commands/produce/line_reader.h"

namespace kt::cli::produce {

struct Options {
  Setting setting;
  Connection
      connection;  // its properties are the producer's, under Kafka's names, defaults of the tool included
  std::string topic;
  LineFormat format;
  bool sync = false;  // wait for each record; then a failure ends the tool
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::produce
