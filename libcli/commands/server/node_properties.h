#pragma once
#include <string>

#include "libcli/config/properties.h"

namespace kt::cli::server {

/// The properties of `kt server` without a file: one node, both roles, on loopback.
config::Properties embedded_properties(const std::string& directory);

/// What a property file means as a node of one: a file of the ZooKeeper age (no process.roles) becomes a broker with a
/// controller of its own, since there is no other to find.
config::Properties as_single_node(config::Properties properties);

}  // namespace kt::cli::server
