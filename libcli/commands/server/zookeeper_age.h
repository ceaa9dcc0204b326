#pragma once
#include <string>

#include "libbroker/metadata/broker_config.h"
#include "libcli/commands/framework/environment.h"
#include "libcli/config/properties.h"

namespace kt::cli::server {

/// Makes a broker of a file of the ZooKeeper age, whose `config` has a zookeeper_connect, one of the cluster
/// there: asks the controller at that place, again and again for zookeeper.connection.timeout.ms, for the
/// cluster's id, which it returns; picks a free broker.id where neither the file nor the log directory has
/// one; and where the broker listens on every address and advertises none, lets it advertise the one by which
/// it reaches the controller. Errors: one sentence with the next step.
Result<std::string> join(metadata::BrokerConfig& config, Environment& environment);

/// Logs what the broker goes by, key by key, as Kafka does at the start.
void log_config_values(const config::Properties& properties);

}  // namespace kt::cli::server
