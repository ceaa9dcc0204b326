#pragma once
#include "libbroker/sim/history/anomaly.h"
#include "libbroker/sim/history/history.h"

namespace kt::sim {

/// Looks for every anomaly. Time n log n, and less memory than the history takes.
Report check(const History& history, const Promises& promises = {});

}  // namespace kt::sim
