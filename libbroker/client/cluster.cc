#include "libbroker/client/cluster.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::client {
namespace {

using Topic = wire::MetadataResponse::MetadataResponseTopic;
using Partition = wire::MetadataResponse::MetadataResponsePartition;

// learn() has sorted them.
const Partition* find_partition(const Topic& topic, int32_t index) {
  const auto found = std::ranges::lower_bound(topic.partitions, index, {}, &Partition::partition_index);
  return found != topic.partitions.end() && found->partition_index == index ? &*found : nullptr;
}

// A broker that lags behind may answer with leaders of the past (KIP-320).
void keep_newer_leaders(const Topic& before, Topic& now) {
  for (Partition& partition : now.partitions) {
    const Partition* known = find_partition(before, partition.partition_index);
    if (known && known->leader_epoch > partition.leader_epoch) partition = *known;
  }
}

}  // namespace

std::optional<Topology::Leader> Topology::leader_of(const std::string& topic, int32_t partition) const {
  const auto found = topics.find(topic);
  const Partition* known = found == topics.end() ? nullptr : find_partition(found->second, partition);
  if (!known || !brokers.contains(known->leader_id)) return std::nullopt;
  return Leader{known->leader_id, known->leader_epoch};
}

Cluster::Cluster(Loop& loop, Net& net, Clock& clock, ClusterOptions options)
    : clock_(clock),
      options_(std::move(options)),
      services_{loop, net, options_.client_id, options_.connect_timeout_ms, options_.request_timeout_ms} {
  KT_ASSERT(!options_.bootstrap.empty());
}

Cluster::~Cluster() = default;

Link& Cluster::link(const Endpoint& at, Lane lane) {
  auto& link = links_[{lane, at}];
  if (!link) link = std::make_unique<Link>(services_, at);
  return *link;
}

void Cluster::route(Target target, Lane lane, std::shared_ptr<Call> call) {
  const int64_t deadline_ms = clock_.monotonic_ms() + call->timeout_ms;
  auto send = [call](Result<Link*> link) {
    if (!link) return call->then(fail(link.error()), 0, 0);
    (*link)->send(call);
  };
  switch (target.kind) {
    case Target::Kind::node:
      return with_node(target.node_id, lane, true, std::move(send));
    case Target::Kind::controller:
      if (topology_.brokers.contains(topology_.controller_id)) {
        return with_controller(lane, deadline_ms, std::move(send));
      }
      return refresh(
          std::vector<std::string>{}, false,
          [this, lane, deadline_ms, send = std::move(send)](Result<const Topology*> topology) mutable {
            if (!topology) return send(fail(topology.error()));
            with_controller(lane, deadline_ms, std::move(send));
          });
    case Target::Kind::any:
      return with_any(std::move(send));
  }
}

std::vector<Endpoint> Cluster::known_addresses() const {
  std::vector<Endpoint> known = options_.bootstrap;
  for (const auto& [id, broker] : topology_.brokers) {
    if (std::ranges::find(known, broker.at) == known.end()) known.push_back(broker.at);
  }
  return known;
}

void Cluster::with_any(std::move_only_function<void(Result<Link*>)> then) {
  std::vector<Endpoint> candidates = known_addresses();
  std::vector<Link*> ready;
  for (const Endpoint& at : candidates) {
    const auto known = links_.find({Lane::general, at});
    if (known != links_.end() && known->second->is_ready()) ready.push_back(known->second.get());
  }
  if (std::exchange(is_distrusted_, false)) ++turn_;
  if (!ready.empty()) return ready[turn_ % ready.size()]->when_ready(std::move(then));
  try_each(std::move(candidates), 0, "", std::move(then));
}

/// Nobody waits for the connection, which may lead to a dead broker.
void Cluster::distrust() {
  if (std::exchange(is_distrusted_, true)) return;
  const std::vector<Endpoint> candidates = known_addresses();
  link(candidates[(turn_ + 1) % candidates.size()], Lane::general).when_ready([](const Result<Link*>&) {});
}

void Cluster::try_each(std::vector<Endpoint> candidates, size_t index, std::string failures,
                       std::move_only_function<void(Result<Link*>)> then) {
  if (index == candidates.size()) return then(fail(ErrorCode::network_exception, std::move(failures)));
  const Endpoint at = candidates[index];
  link(at, Lane::general)
      .when_ready([this, index, candidates = std::move(candidates), failures = std::move(failures),
                   then = std::move(then)](Result<Link*> link) mutable {
        if (link) return then(link);
        if (!failures.empty()) failures += "; ";
        failures += link.error().message;
        try_each(std::move(candidates), index + 1, std::move(failures), std::move(then));
      });
}

void Cluster::with_node(int32_t node_id, Lane lane, bool may_refresh,
                        std::move_only_function<void(Result<Link*>)> then) {
  const auto found = topology_.brokers.find(node_id);
  if (found != topology_.brokers.end()) return link(found->second.at, lane).when_ready(std::move(then));
  if (!may_refresh) {
    return then(fail(ErrorCode::network_exception,
                     fmt::format("broker {} is not in the cluster's metadata", node_id)));
  }
  refresh(std::vector<std::string>{}, false,
          [this, node_id, lane, then = std::move(then)](Result<const Topology*> topology) mutable {
            if (!topology) return then(fail(topology.error()));
            with_node(node_id, lane, false, std::move(then));
          });
}

void Cluster::with_controller(Lane lane, int64_t deadline_ms,
                              std::move_only_function<void(Result<Link*>)> then) {
  with_node(topology_.controller_id, lane, false,
            [this, lane, deadline_ms, then = std::move(then)](Result<Link*> link) mutable {
              if (link || clock_.monotonic_ms() + options_.retry_backoff_ms >= deadline_ms)
                return then(std::move(link));
              loop().after(options_.retry_backoff_ms, [this, alive = std::weak_ptr(alive_), lane, deadline_ms,
                                                       then = std::move(then)]() mutable {
                if (alive.expired()) return;
                auto again = [this, lane, deadline_ms,
                              then = std::move(then)](const Result<const Topology*>&) mutable {
                  with_controller(lane, deadline_ms, std::move(then));  // the one known, if nobody answered
                };
                refresh(std::vector<std::string>{}, false, std::move(again));
              });
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
        learn(std::move(*response), asks_for_all);
        then(&topology_);
      });
}

void Cluster::learn(wire::MetadataResponse response, bool is_of_all_topics) {
  topology_.cluster_id = response.cluster_id.value_or("");
  topology_.controller_id = response.controller_id;
  topology_.brokers.clear();
  for (auto& broker : response.brokers) {
    topology_.brokers[broker.node_id] = {{broker.host, static_cast<uint16_t>(broker.port)}, broker.rack};
  }
  std::map<std::string, Topic> replaced;
  if (is_of_all_topics) replaced = std::exchange(topology_.topics, {});
  const auto& before = is_of_all_topics ? replaced : topology_.topics;
  for (Topic& topic : response.topics) {
    if (!topic.name) continue;
    std::ranges::sort(topic.partitions, {}, &Partition::partition_index);
    const auto known = before.find(*topic.name);
    if (known != before.end() && known->second.topic_id == topic.topic_id)
      keep_newer_leaders(known->second, topic);
    const std::string name = *topic.name;
    topology_.topics.insert_or_assign(name, std::move(topic));
  }
}

void Cluster::versions(Target target, Then<std::map<int16_t, std::pair<int16_t, int16_t>>> then) {
  auto answer = [then = std::move(then)](Result<Link*> link) mutable {
    if (!link) return then(fail(link.error()));
    then((*link)->versions());
  };
  if (target.kind == Target::Kind::node)
    return with_node(target.node_id, Lane::general, true, std::move(answer));
  with_any(std::move(answer));
}

}  // namespace kt::client
