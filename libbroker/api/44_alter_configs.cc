// AlterConfigs and IncrementalAlterConfigs, keys 33 and 44: change configuration (semantics K10).
#include "libbroker/api/broker.h"
#include "libbroker/api/config_resources.h"
#include "libbroker/api/handlers.h"
#include "libbroker/metadata/config_validation.h"

namespace kt::api {
namespace {

constexpr int8_t operation_set = 0;  // Kafka's AlterConfigOp

/// How many threads a broker may be given depends on how many it has: on its own configuration, which the
/// controller does not know [ConfigAdminManager.preprocess]. Another broker's is not judged here.
Result<void> check_own_threads(const RequestContext& ctx, const auto& resource) {
  const std::string self = std::to_string(ctx.broker.config().node_id);
  const auto of_broker = metadata::ResourceType::broker;
  if (static_cast<metadata::ResourceType>(resource.resource_type) != of_broker) return {};
  if (resource.resource_name != self && !resource.resource_name.empty()) return {};
  const metadata::ConfigMap& own = ctx.image->config(of_broker, self);
  const metadata::BrokerLayers layers{own, ctx.image->config(of_broker, ""), ctx.broker.properties()};
  for (const auto& config : resource.configs) {
    if (!config.value) continue;
    if constexpr (requires { config.config_operation; })
      if (config.config_operation != operation_set) continue;
    if (resource.resource_name.empty() && own.contains(config.name)) continue;  // changes nothing here
    if (auto valid = metadata::validate_thread_count(config.name, *config.value, layers); !valid)
      return valid;
  }
  return {};
}

/// Both APIs have resources with a type and a name, and answer each with an error and a message.
template <class Request, class Response>
void alter(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<Request>(body, ctx.version());
  Response refused;
  const auto refuse = [](Response& response, const auto& resource, ErrorCode code, std::string message) {
    auto& result = response.responses.emplace_back();
    result.error_code = code;
    result.error_message = message.empty() ? std::string(text_of(code)) : std::move(message);
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
  };
  std::erase_if(request.resources, [&](const auto& resource) {
    const auto type = static_cast<metadata::ResourceType>(resource.resource_type);
    if (!may_configure(ctx, Operation::alter_configs, type, resource.resource_name)) {
      refuse(refused, resource, config_refusal(type), "");
      return true;
    }
    const auto checked = check_own_threads(ctx, resource);
    if (!checked) refuse(refused, resource, checked.error().code, checked.error().message);
    return !checked;
  });
  Answer<Response> answer(ctx, std::move(reply));
  if (request.resources.empty()) return answer(refused);
  const auto asked = request.resources;
  ask_controller(ctx, std::move(request),
                 [answer = std::move(answer), response = std::move(refused), asked,
                  refuse](Result<Response> done) mutable {
                   if (done) {
                     for (auto& result : done->responses) response.responses.push_back(std::move(result));
                   } else {
                     for (const auto& resource : asked)
                       refuse(response, resource, done.error().code, done.error().message);
                   }
                   answer(response);
                 });
}

}  // namespace

void handle_alter_configs(RequestContext& ctx, const Slice& body, net::Reply reply) {
  alter<wire::AlterConfigsRequest, wire::AlterConfigsResponse>(ctx, body, std::move(reply));
}

void handle_incremental_alter_configs(RequestContext& ctx, const Slice& body, net::Reply reply) {
  alter<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>(ctx, body,
                                                                                     std::move(reply));
}

}  // namespace kt::api
