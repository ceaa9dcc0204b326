#include "libbroker/api/config_resources.h"

namespace kt::api {

bool may_configure(const RequestContext& ctx, Operation operation, metadata::ResourceType type,
                   const std::string& name) {
  switch (type) {
    case metadata::ResourceType::topic:
      return ctx.allowed(operation, ResourceType::topic, name);
    case metadata::ResourceType::group:
      return ctx.allowed(operation, ResourceType::group, name);
    default:
      return ctx.allowed_on_cluster(operation);
  }
}

ErrorCode config_refusal(metadata::ResourceType type) {
  switch (type) {
    case metadata::ResourceType::topic:
      return ErrorCode::topic_authorization_failed;
    case metadata::ResourceType::group:
      return ErrorCode::group_authorization_failed;
    default:
      return ErrorCode::cluster_authorization_failed;
  }
}

}  // namespace kt::api
