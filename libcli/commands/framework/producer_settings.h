#pragma once
#include "libbroker/base/result.h"
#include "libbroker/client/producer.h"
#include "libcli/config/properties.h"

namespace kt::cli {

/// A producer's settings from Java client properties; keys it does not know are left alone.
/// Errors: invalid_config, Kafka's sentence: "Invalid value x for configuration y: ...", or which two do not
/// go together.
Result<client::ProducerOptions> producer_options(const config::Properties& properties, uint64_t seed);

}  // namespace kt::cli
