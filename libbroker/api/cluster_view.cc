#include "libbroker/api/cluster_view.h"

#include <algorithm>

#include "libbroker/api/broker.h"

namespace kt::api {
namespace {

std::optional<VisibleBroker> view(const Vantage& from, const metadata::Broker& broker,
                                  bool with_fenced = false) {
  if (broker.fenced && !with_fenced) return std::nullopt;
  const metadata::Endpoint* at = broker.endpoint(from.listener);
  if (!at) return std::nullopt;
  if (at->host.empty() && broker.id == from.node_id) {
    return VisibleBroker{broker.id, from.local.host, from.local.port, broker.rack, broker.fenced};
  }
  return VisibleBroker{broker.id, at->host, at->port, broker.rack, broker.fenced};
}

}  // namespace

Vantage vantage_of(const RequestContext& ctx) {
  return {ctx.listener.name, ctx.local, ctx.broker.config().node_id};
}

std::vector<VisibleBroker> visible_brokers(const RequestContext& ctx, bool with_fenced) {
  const Vantage from = vantage_of(ctx);
  std::vector<VisibleBroker> visible;
  for (const auto& [id, broker] : ctx.image->brokers) {
    if (auto seen = view(from, *broker, with_fenced)) visible.push_back(std::move(*seen));
  }
  return visible;
}

std::vector<VisibleBroker> visible_controllers(const RequestContext& ctx) {
  std::vector<VisibleBroker> visible;
  for (const auto& [id, controller] : ctx.image->controllers) {
    const auto at =
        std::ranges::find(controller->endpoints, ctx.listener.name, &metadata::Endpoint::listener);
    if (at == controller->endpoints.end()) continue;
    const bool is_here = at->host.empty() && id == ctx.broker.config().node_id;
    visible.push_back(is_here ? VisibleBroker{id, ctx.local.host, ctx.local.port, {}}
                              : VisibleBroker{id, at->host, at->port, {}});
  }
  return visible;
}

std::optional<VisibleBroker> visible_broker(const RequestContext& ctx, int32_t broker_id) {
  return visible_broker(*ctx.image, vantage_of(ctx), broker_id);
}

std::optional<VisibleBroker> visible_broker(const metadata::Image& image, const Vantage& from,
                                            int32_t broker_id) {
  const metadata::Broker* broker = image.broker(broker_id);
  return broker ? view(from, *broker) : std::nullopt;
}

int32_t shown_controller_id(const RequestContext& ctx) {
  const int32_t self = ctx.broker.config().node_id;
  if (ctx.image->is_alive(self)) return self;
  for (const auto& [id, broker] : ctx.image->brokers) {
    if (!broker->fenced) return id;
  }
  return -1;
}

VisibleLeader visible_leader(const RequestContext& ctx, const metadata::Partition& partition) {
  constexpr int16_t listener_errors_since = 6;
  if (!partition.has_leader() || !ctx.image->is_alive(partition.leader) ||
      ctx.broker.is_lost(partition.leader))
    return {-1, ErrorCode::leader_not_available};
  if (visible_broker(ctx, partition.leader)) return {partition.leader};
  const bool is_told = ctx.api.key != wire::ApiKey::metadata || ctx.version() >= listener_errors_since;
  return {-1, is_told ? ErrorCode::listener_not_found : ErrorCode::leader_not_available};
}

std::vector<int32_t> offline_replicas(const metadata::Image& image, const metadata::Partition& partition) {
  std::vector<int32_t> offline;
  for (size_t i = 0; i < partition.replicas.size(); ++i) {
    const int32_t replica = partition.replicas[i];
    const bool is_served =
        image.is_alive(replica) &&
        (i >= partition.directories.size() || image.broker(replica)->has_online(partition.directories[i]));
    if (!is_served) offline.push_back(replica);
  }
  return offline;
}

}  // namespace kt::api
