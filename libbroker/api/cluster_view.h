#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libbroker/api/context.h"
#include "libbroker/metadata/image.h"

namespace kt::api {

/// A broker, or a controller, as clients of one listener see it.
struct VisibleBroker {
  int32_t id;
  std::string host;
  int32_t port;
  std::optional<std::string> rack;
  bool is_fenced = false;
};

/// Where a client looks from: a listener, and where its connection ends there.
struct Vantage {
  std::string listener;
  Endpoint local;
  int32_t node_id;  // this node's
};
Vantage vantage_of(const RequestContext& ctx);

/// What the metadata log and the request's connection together say of brokers: those alive, or fenced
/// if they are asked for, that have the listener the request came in on. The node itself, behind a wildcard
/// listener that advertises nothing, is where the connection reached it (rulings: advertised address).
std::vector<VisibleBroker> visible_brokers(const RequestContext& ctx, bool with_fenced = false);
/// The controllers that have the listener the request came in on.
std::vector<VisibleBroker> visible_controllers(const RequestContext& ctx);
std::optional<VisibleBroker> visible_broker(const RequestContext& ctx, int32_t broker_id);
std::optional<VisibleBroker> visible_broker(const metadata::Image& image, const Vantage& from,
                                            int32_t broker_id);

/// Any alive broker: in KRaft, brokers forward to the controller (semantics K13).
int32_t shown_controller_id(const RequestContext& ctx);

/// A partition's leader as clients of the request's listener can reach it, and the error when they cannot (D3).
struct VisibleLeader {
  int32_t id = -1;
  ErrorCode error = ErrorCode::none;
};
VisibleLeader visible_leader(const RequestContext& ctx, const metadata::Partition& partition);

/// Replicas whose broker is not alive.
std::vector<int32_t> offline_replicas(const metadata::Image& image, const metadata::Partition& partition);

}  // namespace kt::api
