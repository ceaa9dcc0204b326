#pragma once
#include <cstdint>

#include "libcli/commands/framework/session.h"

namespace kt::cli::lab {

/// The leader of the metadata quorum, as a broker that can be reached knows it. Errors: leader_not_available,
/// or the cluster's.
Result<int32_t> quorum_leader(Session& session);

}  // namespace kt::cli::lab
