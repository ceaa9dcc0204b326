// ApiVersions, key 18: what this listener serves, and the cluster's feature levels (KIP-35, 511, 584).
#include "libbroker/api/18_api_versions.h"

#include <algorithm>
#include <cctype>

#include "libbroker/api/broker.h"
#include "libbroker/api/dispatch.h"
#include "libbroker/wire/18_api_versions.h"

namespace kt::api {
namespace {

constexpr int16_t zero_level_since = 4;  // older clients refuse a feature whose least level is 0 (KIP-1022)

std::vector<wire::ApiVersionsResponse::ApiVersion> served_apis(const RequestContext& ctx) {
  std::vector<wire::ApiVersionsResponse::ApiVersion> apis;
  for (const wire::Api& api : wire::apis()) {
    if (!is_served(api, ctx.listener.is_controller)) continue;
    // librdkafka compresses only for brokers that list Produce 0, which nobody serves any more (KAFKA-18659).
    const int16_t least = api.key == wire::ApiKey::produce ? 0 : api.min_version;
    apis.push_back({static_cast<int16_t>(api.key), least, api.max_version});
  }
  return apis;
}

// KIP-511: letters, digits, '-' and '.', not at the ends.
bool is_software_name(const std::string& name) {
  const auto is_word = [](unsigned char c) { return c < 128 && std::isalnum(c); };
  return !name.empty() && is_word(name.front()) && is_word(name.back()) &&
         std::ranges::all_of(name, [&](unsigned char c) { return is_word(c) || c == '-' || c == '.'; });
}

}  // namespace

void handle_api_versions(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::ApiVersionsRequest>(body, ctx.version());
  wire::ApiVersionsResponse response;
  if (ctx.version() >= 3 &&
      (!is_software_name(request.client_software_name) || !is_software_name(request.client_software_version))) {
    response.error_code = ErrorCode::invalid_request;
    return answer(ctx, std::move(reply), response);
  }
  response.api_keys = served_apis(ctx);
  for (const auto& [name, levels] : ctx.broker.supported_features()) {
    if (levels.min > 0 || ctx.version() >= zero_level_since) response.supported_features.push_back({name, levels.min, levels.max});
  }
  response.finalized_features_epoch = ctx.image->provenance.offset;
  for (const auto& [name, level] : ctx.image->features) response.finalized_features.push_back({name, level, level});
  if (const int16_t level = ctx.broker.kraft_version(); level > 0)
    response.finalized_features.push_back({std::string(metadata::kraft_version_feature), level, level});
  answer(ctx, std::move(reply), response);
}

void answer_unknown_version(RequestContext& ctx, net::Reply reply) {
  wire::ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  response.api_keys = served_apis(ctx);
  reply(wire::encode_response(ctx.header.correlation_id, response, 0));
}

}  // namespace kt::api
