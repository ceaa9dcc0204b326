// ElectLeaders, key 43: elects preferred or, where that is asked for, out-of-sync leaders (KIP-460).
#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_elect_leaders(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::ElectLeadersResponse;
  auto request = wire::decode<wire::ElectLeadersRequest>(body, ctx.version());
  constexpr int16_t error_code_since = 1;
  // At every partition that was named too: before v1 nothing else tells.
  const auto refusal = [named = request.topic_partitions, version = ctx.version()](
                           ErrorCode code, const std::string& message) {
    Response response;
    if (version >= error_code_since) response.error_code = code;
    if (!named) return response;
    for (const auto& topic : *named) {
      auto& result = response.replica_election_results.emplace_back();
      result.topic = topic.topic;
      for (const int32_t partition : topic.partitions)
        result.partition_result.push_back({partition, code, message});
    }
    return response;
  };
  ask_controller_about_cluster(ctx, std::move(reply), Operation::alter, std::move(request), refusal);
}

}  // namespace kt::api
