#pragma once
#include <nlohmann/json_fwd.hpp>

#include "libcli/commands/framework/streams.h"
#include "libcli/commands/groups/cluster_groups.h"

namespace kt::cli::groups {

/// Offsets, members or states of groups, a block for each: all groups are asked before the first is printed.
/// `items`: where the rows go instead when JSON is asked for. Errors: of any group, and then nothing is
/// printed.
Result<void> describe_groups(Session& session, const Options& options, std::vector<std::string> groups,
                             Streams& streams, nlohmann::ordered_json& items);

}  // namespace kt::cli::groups
