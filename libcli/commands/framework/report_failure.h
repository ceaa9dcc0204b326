#pragma once
#include <string_view>

#include "libbroker/base/result.h"
#include "libcli/commands/framework/exit_code.h"
#include "libcli/commands/framework/setting.h"
#include "libcli/commands/framework/streams.h"

namespace kt::cli {

/// How one tool tells of a request that failed.
struct FailureStyle {
  enum class Script { message_on_out, message_on_err };
  const Setting& setting;
  std::string_view command;
  std::string_view script_prefix = {};
  Script script = Script::message_on_err;
  Exit script_exit = Exit::failed;  // some of Kafka's tools end with 0 whatever happened
};

/// Tells of a failure after the command line was understood: as the Kafka script does, or in kt's own shape
/// with the protocol's name and number. Returns the exit code (design/cli.md §5.1).
Exit report_failure(const Error& error, const FailureStyle& style, Streams& streams);

/// The exit code that an error means.
Exit exit_for(ErrorCode code);

}  // namespace kt::cli
