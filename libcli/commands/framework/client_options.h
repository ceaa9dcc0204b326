#pragma once
#include "libcli/commands/argv/option_spec.h"

namespace kt::cli {

// Rows that many tables share.

inline constexpr OptionSpec bootstrap_server_option{
    .name = "bootstrap-server",
    .letter = 'b',
    .value = Value::text,
    .value_name = "server to connect to",
    .group = Group::connection,
    .help = "A broker of the cluster or several: host:port, separated by commas"};

inline constexpr OptionSpec bootstrap_controller_option{
    .name = "bootstrap-controller",
    .value = Value::text,
    .value_name = "controller to connect to",
    .group = Group::connection,
    .help = "A controller of the cluster or several, instead of brokers: host:port, separated by commas"};

inline constexpr OptionSpec command_config_option{.name = "command-config",
                                                  .aliases = {native_name("client-config")},
                                                  .value = Value::text,
                                                  .value_name = "command config property file",
                                                  .group = Group::connection,
                                                  .complete = Complete::file,
                                                  .help = "A file with settings for the client"};

inline constexpr OptionSpec zookeeper_option{.name = "zookeeper",
                                             .value = Value::text,
                                             .value_name = "urls",
                                             .group = Group::legacy,
                                             .help = "Where the controller listens on ZooKeeper's port"};

/// The row with another name for it.
constexpr OptionSpec also_called(OptionSpec option, Alias alias) {
  for (Alias& place : option.aliases) {
    if (place.kind != Alias::Kind::none) continue;
    place = alias;
    break;
  }
  return option;
}

/// The row, without which the tool does not start.
constexpr OptionSpec required(OptionSpec option) {
  option.required = true;
  return option;
}

/// An option of another time that takes a value of any kind, or none, and does nothing.
constexpr OptionSpec ignored_option(std::string_view name, Value value, Ignored how) {
  return {
      .name = name, .value = value, .ignored = how, .group = Group::legacy, .help = "Does nothing any more"};
}

}  // namespace kt::cli
