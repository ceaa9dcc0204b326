// ListPartitionReassignments, key 46: partitions on their way to other replicas (KIP-455). The controller is
// asked, so that every broker shows a move as soon as any has answered for it.
#include "libbroker/wire/46_list_partition_reassignments.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_list_partition_reassignments(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::ListPartitionReassignmentsResponse;
  auto request = wire::decode<wire::ListPartitionReassignmentsRequest>(body, ctx.version());
  // Kafka names what was asked for in a refusal too.
  const auto refusal = [named = request.topics](ErrorCode code, const std::string& message) {
    Response response{.error_code = code, .error_message = message};
    if (!named) return response;
    for (const auto& topic : *named) {
      auto& listed = response.topics.emplace_back();
      listed.name = topic.name;
      for (const int32_t index : topic.partition_indexes)
        listed.partitions.emplace_back().partition_index = index;
    }
    return response;
  };
  ask_controller_about_cluster(ctx, std::move(reply), Operation::describe, std::move(request), refusal);
}

}  // namespace kt::api
