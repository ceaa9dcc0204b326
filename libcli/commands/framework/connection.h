#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "libcli/commands/argv/command_line.h"
#include "libcli/commands/framework/setting.h"

namespace kt::cli {

struct Call;

inline constexpr std::string_view default_bootstrap_servers = "localhost:9092";

/// Where a command finds its cluster, and how its client is set up.
struct Connection {
  enum class Through : uint8_t {
    brokers,
    controllers,     // --bootstrap-controller
    zookeeper_port,  // --zookeeper: the controller that listens where ZooKeeper did
  };
  Through through = Through::brokers;
  std::string addresses;          // "host:port,host:port"; not yet checked
  config::Properties properties;  // the client's settings but for the addresses: files under -X
};

/// Fills in the bootstrap servers of a line that has none: those of --zookeeper, of KT_BOOTSTRAP_SERVERS, or,
/// unless kt runs under a script's name, localhost:9092. So the tools' own checks find what they ask for.
Amend supply_bootstrap(Mode mode, const Environment& environment);

/// Where the cluster is; the properties are empty.
Connection cluster_of(const Call& call);

/// The connection of a command whose property file is named by `file_option`.
/// Errors: the file is missing or broken, with its path as the message where Kafka says no more.
std::expected<Connection, UsageError> read_connection(const Call& call,
                                                      std::string_view file_option = "command-config");

/// The properties of the file that `option` names; empty when it is not given. Errors as read_connection.
std::expected<config::Properties, UsageError> read_properties(const Call& call, std::string_view option);

}  // namespace kt::cli
