#pragma once
#include "libbroker/base/result.h"
#include "libbroker/client/consumer.h"
#include "libcli/config/properties.h"

namespace kt::cli {

/// A consumer's settings from Java client properties; keys it does not know are left alone.
/// partition.assignment.strategy takes Java's class names, and the assignors' own: range, roundrobin, sticky,
/// cooperative-sticky. Errors: invalid_config, "Invalid value x for configuration y: ...".
Result<client::ConsumerOptions> consumer_options(const config::Properties& properties);

}  // namespace kt::cli
