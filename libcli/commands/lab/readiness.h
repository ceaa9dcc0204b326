#pragma once
#include <cstdint>

#include "libbroker/base/result.h"
#include "libcli/commands/framework/environment.h"
#include "libcli/lab/spec.h"

namespace kt::cli::lab {

/// Returns once each broker of the lab answers ApiVersions and Metadata, and names a controller and every
/// broker as alive: an open port proves nothing. Errors: request_timed_out at `deadline_ms` of the monotonic
/// clock, with who says what.
Result<void> wait_until_ready(const kt::lab::Spec& spec, Environment& environment, int64_t deadline_ms);

}  // namespace kt::cli::lab
