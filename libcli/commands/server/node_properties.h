#pragma once
#include <string>

#include "libcli/config/properties.h"

namespace kt::cli::server {

/// The properties of `kt server` without a file: one node, both roles, on loopback.
config::Properties embedded_properties(const std::string& directory);

/// What properties mean that name neither roles (process.roles) nor where a controller is
/// (zookeeper.connect): a broker with a controller of its own. Others stay as they are.
config::Properties with_controller(config::Properties properties);

/// A file of the ZooKeeper age with what it took for granted: members of a group do not wait for each other.
config::Properties with_old_defaults(config::Properties properties);

}  // namespace kt::cli::server
