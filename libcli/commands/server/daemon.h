#pragma once
#include <string>

#include "libbroker/base/result.h"
#include "libcli/commands/framework/environment.h"

namespace kt::cli::server {

enum class Side : uint8_t { caller, daemon };

/// The directory for what kt keeps when nothing says where.
std::string state_directory(const Environment& environment);

/// Where a detached server prints: this file (kafkaServer.out) in $LOG_DIR, as Kafka's script has it, or in
/// kt's state directory.
std::string daemon_output(const Environment& environment, const std::string& file);

/// Goes on in a process of its own, without a terminal, which prints to `output` from then on; the file and
/// its directory are made if they are missing. Tells either process which it is. Errors: one sentence, and
/// nothing is detached.
Result<Side> detach(const std::string& output);

}  // namespace kt::cli::server
