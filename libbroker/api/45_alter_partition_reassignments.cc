// AlterPartitionReassignments, key 45: moves partitions to other replicas, or takes that back (KIP-455).
#include "libbroker/wire/45_alter_partition_reassignments.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_alter_partition_reassignments(RequestContext& ctx, const Slice& body, net::Reply reply) {
  using Response = wire::AlterPartitionReassignmentsResponse;
  auto request = wire::decode<wire::AlterPartitionReassignmentsRequest>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
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
  if (!ctx.allowed_on_cluster(Operation::alter)) {
    return answer(refusal(ErrorCode::cluster_authorization_failed,
                          std::string(text_of(ErrorCode::cluster_authorization_failed))));
  }
  ask_controller(ctx, std::move(request),
                 [answer = std::move(answer), refusal](Result<Response> done) mutable {
                   answer(done ? *done : refusal(done.error().code, done.error().message));
                 });
}

}  // namespace kt::api
