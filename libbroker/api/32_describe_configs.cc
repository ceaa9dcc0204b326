// DescribeConfigs, key 32: configuration with its sources (semantics K10).
#include "libbroker/wire/32_describe_configs.h"

#include <fmt/core.h>

#include <charconv>
#include <set>
#include <string_view>

#include "libbroker/api/broker.h"
#include "libbroker/api/config_resources.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topic_creation.h"
#include "libbroker/metadata/describe_configs.h"

namespace kt::api {
namespace {

using Request = wire::DescribeConfigsRequest;
using ResultOf = wire::DescribeConfigsResponse::DescribeConfigsResult;

Result<metadata::ConfigEntries> describe_broker(const RequestContext& ctx, const std::string& name,
                                                const metadata::DescribeWhat& what,
                                                const metadata::BrokerLayers& layers) {
  if (name.empty()) return metadata::describe_broker_default(what, layers);
  int32_t id = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) {
    return fail(ErrorCode::invalid_request, fmt::format("Broker id must be an integer, but it is: {}", name));
  }
  if (id != ctx.broker.config().node_id) {
    return fail(ErrorCode::invalid_request,
                fmt::format("Unexpected broker id, expected {} or empty string, but received {}",
                            ctx.broker.config().node_id, name));
  }
  return metadata::describe_broker(what, layers);
}

Result<metadata::ConfigEntries> describe(const RequestContext& ctx, const Request& request,
                                         const Request::DescribeConfigsResource& resource) {
  const auto type = static_cast<metadata::ResourceType>(resource.resource_type);
  const std::string& name = resource.resource_name;
  if (!may_configure(ctx, Operation::describe_configs, type, name)) return fail(config_refusal(type));
  const metadata::DescribeWhat what{resource.configuration_keys, request.include_synonyms};
  const metadata::Image& image = *ctx.image;
  const metadata::BrokerLayers layers{
      image.config(metadata::ResourceType::broker, std::to_string(ctx.broker.config().node_id)),
      image.config(metadata::ResourceType::broker, ""), ctx.broker.properties()};
  switch (type) {
    case metadata::ResourceType::topic:
      if (const auto wrong = invalid_topic_name(name))
        return fail(ErrorCode::invalid_topic_exception, *wrong);
      if (!image.topic(name)) return fail(ErrorCode::unknown_topic_or_partition);
      return metadata::describe_topic(what, image.config(type, name), layers);
    case metadata::ResourceType::broker:
      return describe_broker(ctx, name, what, layers);
    case metadata::ResourceType::broker_logger:
      return metadata::ConfigEntries{};
    case metadata::ResourceType::client_metrics:
      if (name.empty())
        return fail(ErrorCode::invalid_request, "Client metrics subscription name must not be empty");
      return metadata::describe_client_metrics(what, image.config(type, name));
    case metadata::ResourceType::group:
      if (name.empty()) return fail(ErrorCode::invalid_request, "Group name must not be empty");
      return metadata::describe_group(what, image.config(type, name), layers);
    case metadata::ResourceType::unknown:
      break;
  }
  return fail(ErrorCode::invalid_request,
              fmt::format("Unsupported resource type: {}", resource.resource_type));
}

/// Of an unknown topic Kafka says nothing more.
std::string sentence_of(const Error& error) {
  const bool says_all = error.code == ErrorCode::unknown_topic_or_partition || !error.message.empty();
  return says_all ? error.message : std::string(text_of(error.code));
}

}  // namespace

void handle_describe_configs(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<Request>(body, ctx.version());
  wire::DescribeConfigsResponse response;
  std::set<std::pair<int8_t, std::string_view>> seen;  // a resource is described once: each is some 10 KB
  for (const auto& resource : request.resources) {
    if (!seen.emplace(resource.resource_type, resource.resource_name).second) continue;
    auto described = describe(ctx, request, resource);
    ResultOf result;
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    result.error_message.reset();
    if (described) {
      result.configs = std::move(*described);
    } else {
      result.error_code = described.error().code;
      result.error_message = sentence_of(described.error());
    }
    response.results.push_back(std::move(result));
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
