#pragma once
#include "libbroker/api/context.h"
#include "libbroker/api/handler.h"

namespace kt::api {

/// What a frame came in on.
struct Origin {
  Broker& broker;
  Loop& loop;
  std::shared_ptr<const metadata::Image> image;
  const ListenerInfo& listener;
  Endpoint local, peer;
};

/// Finds the handler of a request and runs it. Throws wire::DecodeError for what Kafka closes the connection on: an
/// API, version or listener that does not go together, or a body that is none.
void dispatch(const Origin& origin, const Slice& frame, net::Reply reply);

/// Whether an API may be called on a kind of listener and has a room here.
bool is_served(const wire::Api& api, bool on_controller_listener);

}  // namespace kt::api
