#pragma once
#include "libbroker/metadata/broker_config.h"

namespace kt::metadata {

/// Whether the parts of a node's configuration fit together. Errors: invalid_config with Kafka's sentences.
Result<void> check_broker_config(const BrokerConfig& config);

}  // namespace kt::metadata
