// ListConfigResources, key 74: what has, or may have, configs of its own (KIP-1142; v0 lists client metrics).
#include "libbroker/wire/74_list_config_resources.h"

#include <algorithm>

#include "libbroker/api/handlers.h"
#include "libbroker/metadata/image.h"

namespace kt::api {
namespace {

using Type = metadata::ResourceType;
using Request = wire::ListConfigResourcesRequest;
using Response = wire::ListConfigResourcesResponse;

constexpr Type all_types[] = {Type::topic, Type::broker, Type::broker_logger, Type::client_metrics,
                              Type::group};

std::vector<Type> types_of(const Request& request, int16_t version) {
  if (version == 0) return {Type::client_metrics};
  if (request.resource_types.empty()) return {std::begin(all_types), std::end(all_types)};
  std::vector<Type> types;
  for (const int8_t number : request.resource_types) {
    const auto type = static_cast<Type>(number);
    if (std::ranges::find(types, type) == types.end())
      types.push_back(type);  // else a byte lists every topic again
  }
  return types;
}

/// Topics and brokers are listed whether they have configs or not; subscriptions and groups only with some.
void list(Type type, const metadata::Image& image, Response& response) {
  const auto add = [&](const std::string& name) {
    response.config_resources.push_back({name, static_cast<int8_t>(type)});
  };
  switch (type) {
    case Type::topic:
      for (const auto& [name, id] : image.topic_ids) add(name);
      return;
    case Type::broker:
    case Type::broker_logger:
      for (const auto& [id, broker] : image.brokers) add(std::to_string(id));
      return;
    case Type::client_metrics:
    case Type::group:
      for (const auto& [resource, configs] : image.configs) {
        if (resource.type == type && !configs->empty()) add(resource.name);
      }
      return;
    case Type::unknown:
      return;
  }
}

}  // namespace

void handle_list_config_resources(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<Request>(body, ctx.version());
  Response response;
  const auto types = types_of(request, ctx.version());
  const bool is_unknown = std::ranges::any_of(
      types, [](Type type) { return std::ranges::find(all_types, type) == std::end(all_types); });
  if (!ctx.allowed_on_cluster(Operation::describe_configs)) {
    response.error_code = ErrorCode::cluster_authorization_failed;
  } else if (is_unknown) {
    response.error_code = ErrorCode::unsupported_version;
  } else {
    for (const Type type : types) list(type, *ctx.image, response);
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
