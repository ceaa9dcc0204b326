#pragma once
#include "libbroker/base/result.h"
#include "libcli/commands/framework/environment.h"
#include "libcli/lab/places.h"

namespace kt::cli::lab {

/// What a node of a lab begins with: its folder, its properties, a formatted log directory. What is there
/// already stays as it is, but for the properties.
Result<void> make_node_files(const kt::lab::Spec& spec, const kt::lab::NodeSpec& node,
                             const kt::lab::Place& place, Disk& disk, Environment& environment);

}  // namespace kt::cli::lab
