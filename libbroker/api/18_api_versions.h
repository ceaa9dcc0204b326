#pragma once
#include "libbroker/api/handler.h"

namespace kt::api {

void handle_api_versions(RequestContext& ctx, const Slice& body, net::Reply reply);
/// To a version of ApiVersions that nobody has heard of: version 0's layout, whose list tells the client what to ask.
void answer_unknown_version(RequestContext& ctx, net::Reply reply);

}  // namespace kt::api
