#pragma once
#include <functional>
#include <string>

#include "libbroker/metadata/broker_config.h"

namespace kt::cli::server {

/// The name under which this machine finds itself; empty, with a warning, when it does not. May ask a name
/// server, and so take seconds.
std::string own_host_name();

/// In a cluster, listeners that are bound to all addresses and advertised under none are told by `own_name`,
/// which is asked for them alone, as Kafka tells them: other brokers and their clients have nothing else to
/// go by. A broker alone keeps to the address at which it was reached.
void name_hosts(metadata::BrokerConfig& config, const std::function<std::string()>& own_name);

}  // namespace kt::cli::server
