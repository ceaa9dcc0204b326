#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace kt::cli {

/// How a refusal is told. Kafka's tools differ, and scripts match on what they print.
enum class Show : uint8_t {
  message,         // the message alone, on stderr
  usage,           // and the usage after it (jopt) or before it (argparse), on stderr
  message_on_out,  // the message alone, on stdout
  parser_error,    // jopt could not take the words apart: shown as the tool's Syntax says
};

/// Why a command line is refused, before anything was done.
struct UsageError {
  std::string message;
  Show show = Show::usage;
  std::string unknown = {};  // an option that no table has, without dashes: something to suggest names for
  std::string_view subcommand = {};  // the one already chosen: whose usage to show
  bool operator==(const UsageError&) const = default;
};

}  // namespace kt::cli
