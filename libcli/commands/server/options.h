#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"
#include "libcli/config/properties.h"

namespace kt::cli::server {

struct Options {
  Setting setting;
  std::optional<std::string> file;       // none: the embedded default
  config::Properties overrides;          // --override, beats the file
  std::optional<std::string> directory;  // --dir, of the embedded default
  bool is_daemon = false;                // goes on without the terminal
  bool is_ephemeral = false;             // a temporary directory, removed at the end
  std::optional<int32_t> ready_fd;       // gets one JSON line when the server serves
  std::optional<std::string> ready_file;
};

extern const Syntax syntax;
extern const Command command;

std::expected<Options, UsageError> parse(const Call& call);
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::server
