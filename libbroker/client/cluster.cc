#include "libbroker/client/cluster.h"

#include <fmt/core.h>

#include "libbroker/base/assert.h"
#include "libbroker/client/link.h"

namespace kt::client {

std::optional<Topology::Leader> Topology::leader_of(const std::string& topic, int32_t partition) const {
  const auto found = topics.find(topic);
  if (found == topics.end()) return std::nullopt;
  for (const auto& p : found->second.partitions) {
    if (p.partition_index == partition && brokers.contains(p.leader_id)) return Leader{p.leader_id, p.leader_epoch};
  }
  return std::nullopt;
}

Cluster::Cluster(Loop& loop, Net& net, Clock& clock, ClusterOptions options)
    : loop_(loop), net_(net), clock_(clock), options_(std::move(options)) {
  KT_ASSERT(!options_.bootstrap.empty());
}

Cluster::~Cluster() = default;

Link& Cluster::link(const Endpoint& at) {
  auto& link = links_[at];
  if (!link) link = std::make_unique<Link>(*this, at);
  return *link;
}

void Cluster::route(Target target, std::shared_ptr<Call> call) {
  auto send = [call](Result<Link*> link) {
    if (!link) return call->then(fail(link.error()), 0, 0);
    (*link)->send(call);
  };
  switch (target.kind) {
    case Target::Kind::node: return with_node(target.node_id, true, std::move(send));
    case Target::Kind::controller:
      if (topology_.brokers.contains(topology_.controller_id)) return with_node(topology_.controller_id, false, std::move(send));
      return refresh(std::vector<std::string>{}, false, [this, send = std::move(send)](Result<const Topology*> topology) mutable {
        if (!topology) return send(fail(topology.error()));
        with_node(topology_.controller_id, false, std::move(send));
      });
    case Target::Kind::any: return try_bootstrap(0, "", std::move(send));
  }
}

void Cluster::try_bootstrap(size_t index, std::string failures, std::move_only_function<void(Result<Link*>)> then) {
  for (auto& [at, link] : links_) {
    if (link->is_ready()) return link->when_ready(std::move(then));
  }
  if (index == options_.bootstrap.size()) return then(fail(ErrorCode::network_exception, std::move(failures)));
  link(options_.bootstrap[index])
      .when_ready([this, index, failures = std::move(failures), then = std::move(then)](Result<Link*> link) mutable {
        if (link) return then(link);
        if (!failures.empty()) failures += "; ";
        try_bootstrap(index + 1, failures + link.error().message, std::move(then));
      });
}

void Cluster::with_node(int32_t node_id, bool may_refresh, std::move_only_function<void(Result<Link*>)> then) {
  const auto found = topology_.brokers.find(node_id);
  if (found != topology_.brokers.end()) return link(found->second.at).when_ready(std::move(then));
  if (!may_refresh) return then(fail(ErrorCode::broker_not_available, fmt::format("broker {} is not in the cluster's metadata", node_id)));
  refresh(std::vector<std::string>{}, false, [this, node_id, then = std::move(then)](Result<const Topology*> topology) mutable {
    if (!topology) return then(fail(topology.error()));
    with_node(node_id, false, std::move(then));
  });
}

void Cluster::refresh(std::optional<std::vector<std::string>> topics, bool allow_auto_topic_creation,
                      Then<const Topology*> then) {
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = allow_auto_topic_creation;
  if (topics) {
    for (std::string& name : *topics) request.topics->push_back({.name = std::move(name)});
  } else {
    request.topics.reset();
  }
  const bool asks_for_all = !request.topics;
  call<wire::MetadataResponse>(
      Target::any(), std::move(request),
      [this, asks_for_all, then = std::move(then)](Result<wire::MetadataResponse> response) mutable {
        if (!response) return then(fail(std::move(response.error())));
        topology_.cluster_id = response->cluster_id.value_or("");
        topology_.controller_id = response->controller_id;
        topology_.brokers.clear();
        for (auto& broker : response->brokers) {
          topology_.brokers[broker.node_id] = {{broker.host, static_cast<uint16_t>(broker.port)}, broker.rack};
        }
        if (asks_for_all) topology_.topics.clear();
        for (auto& topic : response->topics) {
          if (topic.name) topology_.topics.insert_or_assign(*topic.name, topic);
        }
        then(&topology_);
      });
}

void Cluster::versions(Target target, Then<std::map<int16_t, std::pair<int16_t, int16_t>>> then) {
  auto answer = [then = std::move(then)](Result<Link*> link) mutable {
    if (!link) return then(fail(link.error()));
    then((*link)->versions());
  };
  if (target.kind == Target::Kind::node) return with_node(target.node_id, true, std::move(answer));
  try_bootstrap(0, "", std::move(answer));
}

}  // namespace kt::client
