#pragma once
#include <string>

#include "libbroker/api/context.h"
#include "libbroker/metadata/image.h"

namespace kt::api {

/// Whether a client may describe or alter (`operation`) the configuration of a resource: a topic's or a
/// group's by its own rights, all else by the cluster's.
bool may_configure(const RequestContext& ctx, Operation operation, metadata::ResourceType type,
                   const std::string& name);

/// What a client is told that may not.
ErrorCode config_refusal(metadata::ResourceType type);

}  // namespace kt::api
