// AlterPartitionReassignments, key 45: moves partitions to other replicas, or takes that back (KIP-455).
#include "libbroker/wire/45_alter_partition_reassignments.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_alter_partition_reassignments(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::AlterPartitionReassignmentsResponse;
  auto request = wire::decode<wire::AlterPartitionReassignmentsRequest>(body, ctx.version());
  const auto refusal = [named = request.topics](ErrorCode code, const std::string& message) {
    Response response{.error_code = code, .error_message = message};
    for (const auto& topic : named) {
      auto& result = response.responses.emplace_back();
      result.name = topic.name;
      for (const auto& partition : topic.partitions)
        result.partitions.push_back({partition.partition_index, code, message});
    }
    return response;
  };
  ask_controller_about_cluster(ctx, std::move(reply), Operation::alter, std::move(request), refusal);
}

}  // namespace kt::api
