#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "libbroker/api/authorizer.h"
#include "libbroker/api/quotas.h"
#include "libbroker/base/loop.h"
#include "libbroker/base/net.h"
#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/header.h"

namespace kt::metadata {
struct Image;
}

namespace kt::api {

class Broker;
class ControllerClient;
struct Asker;

/// A listener as its connections see it.
struct ListenerInfo {
  std::string name;  // "PLAINTEXT"
  bool is_controller = false;
};

/// What a handler knows about the request before its body. Lives until the handler returns; what must live
/// longer is copied.
struct RequestContext {
  wire::RequestHeader header;
  const wire::Api& api;
  Broker& broker;
  Loop& loop;                                    // the connection's
  std::shared_ptr<const metadata::Image> image;  // the loop's, as of the request's start
  const ListenerInfo& listener;
  Endpoint local, peer;
  ControllerClient& controller;  // this node's own on a controller's listener, else wherever it is
  std::string principal = "User:ANONYMOUS";

  int16_t version() const { return header.api_version; }
  Asker asker() const;
  bool allowed(Operation operation, ResourceType type, std::string_view name) const;
  bool allowed_on_cluster(Operation operation) const {
    return allowed(operation, ResourceType::cluster, cluster_resource);
  }
  /// On at least one resource of the type, whichever.
  bool allowed_on_any(Operation operation, ResourceType type) const;
  /// The bit field of what the asker may do to a resource (KIP-430).
  int32_t authorized_operations(ResourceType type, std::string_view name) const;
  /// The same of the cluster; nothing to whom may not describe it.
  int32_t authorized_cluster_operations() const;
  /// Counts `amount` against the asker's share; returns for how many ms it is to be throttled, 0: not at all.
  int32_t charge(QuotaKind kind, int64_t amount) const;
};

}  // namespace kt::api
