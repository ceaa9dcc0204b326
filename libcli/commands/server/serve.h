#pragma once
#include <functional>
#include <optional>
#include <string>

#include "libbroker/node/node.h"
#include "libcli/commands/framework/environment.h"
#include "libcli/commands/framework/exit_code.h"
#include "libcli/commands/framework/streams.h"

namespace kt::cli::server {

/// What a process does that is one node.
struct Service {
  node::Node::Options node;
  std::optional<int32_t> ready_fd;  // gets one JSON line when the node serves
  std::optional<std::string> ready_file;
  std::function<void(const node::Node::Serving&)> on_serving = {};
};

/// Logs go to stdout from now on, as the properties and KT_LOG_LEVEL say.
void begin_log(const metadata::ConfigMap& properties, const Environment& environment);

/// Starts the node, says that it serves, and stops it on SIGTERM or SIGINT.
Exit serve(Service service, Environment& environment, Streams& streams);

/// Tells of an error in one line.
Exit refuse(Streams& streams, const Error& error);

}  // namespace kt::cli::server
