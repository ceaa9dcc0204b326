#pragma once
#include <algorithm>
#include <optional>
#include <string>

#include "libbroker/api/cluster_view.h"

namespace kt::api {

/// Tells who came to the wrong broker, in the answer itself, who leads a partition by the metadata of the
/// moment (KIP-951: Produce since version 10, Fetch since 16). On the request's loop; outlives the request's
/// context.
class LeaderHints {
 public:
  /// None are given to a request before version `since`: its answer has no room for them.
  LeaderHints(const RequestContext& ctx, int16_t since);

  /// Who asked finds the new leader sooner when its connection ends than by the answer: this broker hands
  /// over what it leads and is about to go, and the answer has no room for hints. librdkafka, for one, waits
  /// a quarter of a second after a NOT_LEADER_OR_FOLLOWER before it asks who leads.
  bool are_outrun() const;

  /// To `part` of `response`, by what its error is. The topic goes by its id, or by its name where there is
  /// none.
  template <class Response, class Part>
  void add(Response& response, Part& part, const std::string& topic, const Uuid& topic_id,
           int32_t partition) const {
    if (part.error_code != ErrorCode::not_leader_or_follower &&
        part.error_code != ErrorCode::fenced_leader_epoch)
      return;
    const auto leader = find(topic, topic_id, partition);
    if (!leader) return;
    part.current_leader = {leader->at.id, leader->epoch};
    auto& known = response.node_endpoints;
    using Endpoint = std::decay_t<decltype(known)>::value_type;
    if (std::ranges::find(known, leader->at.id, &Endpoint::node_id) == known.end())
      known.push_back({leader->at.id, leader->at.host, leader->at.port, leader->at.rack});
  }

 private:
  struct Leader {
    VisibleBroker at;
    int32_t epoch;
  };
  /// Nobody, when clients of the listener cannot reach who leads.
  std::optional<Leader> find(const std::string& topic, const Uuid& topic_id, int32_t partition) const;

  Broker& broker_;
  Loop& loop_;
  const bool has_room_;
  const Vantage from_;
};

}  // namespace kt::api
