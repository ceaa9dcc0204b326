// DescribeCluster, key 60: brokers or controllers of the cluster (semantics D7).
#include "libbroker/wire/60_describe_cluster.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/api/broker.h"
#include "libbroker/api/cluster_view.h"
#include "libbroker/api/handlers.h"
#include "libbroker/metadata/image.h"

namespace kt::api {
namespace {

/// Every alive broker, where plain clients reach it; for who asks at ZooKeeper's place
/// (metadata::zookeeper_listener).
std::vector<wire::DescribeClusterResponse::DescribeClusterBroker> registered_brokers(
    const RequestContext& ctx, bool with_fenced) {
  std::vector<wire::DescribeClusterResponse::DescribeClusterBroker> registered;
  for (const auto& [id, broker] : ctx.image->brokers) {
    const auto at = std::ranges::find(broker->endpoints, metadata::SecurityProtocol::plaintext,
                                      &metadata::Endpoint::protocol);
    if (at == broker->endpoints.end() || (broker->fenced && !with_fenced)) continue;
    registered.push_back({.broker_id = id,
                          .host = at->host,
                          .port = at->port,
                          .rack = broker->rack,
                          .is_fenced = broker->fenced});
  }
  return registered;
}

}  // namespace

void handle_describe_cluster(RequestContext& ctx, const Slice& body, net::Reply reply) {
  constexpr int8_t brokers = 1, controllers = 2;
  const auto request = wire::decode<wire::DescribeClusterRequest>(body, ctx.version());
  wire::DescribeClusterResponse response;
  response.endpoint_type = ctx.listener.is_controller ? controllers : brokers;
  if (ctx.listener.name == metadata::zookeeper_listener && request.endpoint_type == brokers) {
    response.endpoint_type = brokers;
    response.cluster_id = ctx.broker.cluster_id();
    response.brokers = registered_brokers(ctx, request.include_fenced_brokers);
    return answer(ctx, std::move(reply), response);
  }
  if (request.endpoint_type != response.endpoint_type) {
    const bool is_known = request.endpoint_type == brokers || request.endpoint_type == controllers;
    const auto name_of = [](int8_t type) { return type == controllers ? "CONTROLLER" : "BROKER"; };
    response.error_code = ctx.version() == 0 ? ErrorCode::invalid_request
                          : is_known         ? ErrorCode::mismatched_endpoint_type
                                             : ErrorCode::unsupported_endpoint_type;
    response.error_message =
        is_known ? fmt::format(
                       "The request was sent to an endpoint of type {}, but we wanted an endpoint of type {}",
                       name_of(response.endpoint_type), name_of(request.endpoint_type))
                 : fmt::format("Unsupported endpoint type {}", request.endpoint_type);
    return answer(ctx, std::move(reply), response);
  }
  response.cluster_id = ctx.broker.cluster_id();
  response.controller_id =
      ctx.listener.is_controller ? ctx.broker.quorum_leader_id() : shown_controller_id(ctx);
  for (VisibleBroker& node : ctx.listener.is_controller
                                 ? visible_controllers(ctx)
                                 : visible_brokers(ctx, request.include_fenced_brokers)) {
    response.brokers.push_back({.broker_id = node.id,
                                .host = std::move(node.host),
                                .port = node.port,
                                .rack = std::move(node.rack),
                                .is_fenced = node.is_fenced});
  }
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = ctx.authorized_cluster_operations();
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
