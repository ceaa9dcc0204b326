#include "libbroker/api/dispatch.h"

#include <fmt/core.h>

#include "libbroker/api/18_api_versions.h"
#include "libbroker/api/broker.h"

namespace kt::api {

bool is_served(const wire::Api& api, bool on_controller_listener) {
  const auto wanted = on_controller_listener ? wire::Listeners::controller : wire::Listeners::broker;
  const bool fits = static_cast<uint8_t>(api.listeners) & static_cast<uint8_t>(wanted);
  return fits && find_handler(api.key) != nullptr;
}

void dispatch(const Origin& origin, const Slice& frame, net::Reply reply) {
  const wire::RequestHeader fixed = wire::decode_fixed_header(frame);
  const wire::Api* api = wire::find_api(fixed.api_key);
  if (!api || !is_served(*api, origin.listener.is_controller)) {
    throw wire::DecodeError(fmt::format("API key {} is not served on listener {}", fixed.api_key, origin.listener.name));
  }
  const bool is_known = api->has(fixed.api_version);
  if (!is_known && api->key != wire::ApiKey::api_versions) {
    throw wire::DecodeError(fmt::format("{} version {} is not served", api->name, fixed.api_version));
  }
  RequestContext ctx{
      is_known ? wire::decode_request_header(frame, *api) : fixed,
      *api,
      origin.broker,
      origin.loop,
      origin.image,
      origin.listener,
      origin.local,
      origin.peer,
      origin.listener.is_controller ? origin.broker.local_controller() : origin.broker.controller()};
  if (!is_known) return answer_unknown_version(ctx, std::move(reply));
  find_handler(api->key)(ctx, frame.sub(ctx.header.bytes), std::move(reply));
}

}  // namespace kt::api
