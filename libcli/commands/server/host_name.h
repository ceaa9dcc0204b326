#pragma once
#include <string>

#include "libbroker/metadata/broker_config.h"

namespace kt::cli::server {

/// The name under which this machine finds itself; empty when it does not.
std::string own_host_name();

/// In a cluster, listeners that are bound to all addresses and advertised under none are told by `own_name`,
/// as Kafka tells them: other brokers and their clients have nothing else to go by. A broker alone keeps to
/// the address at which it was reached.
void name_hosts(metadata::BrokerConfig& config, const std::string& own_name);

}  // namespace kt::cli::server
