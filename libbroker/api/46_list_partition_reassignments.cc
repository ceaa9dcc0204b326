// ListPartitionReassignments, key 46: partitions on their way to other replicas (KIP-455).
#include "libbroker/wire/46_list_partition_reassignments.h"

#include <algorithm>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/metadata/image.h"

namespace kt::api {
namespace {

using Response = wire::ListPartitionReassignmentsResponse;

void add(Response& response, const std::string& topic, int32_t index, const metadata::Partition* partition) {
  if (!partition || !partition->is_reassigning()) return;
  if (response.topics.empty() || response.topics.back().name != topic)
    response.topics.emplace_back().name = topic;
  response.topics.back().partitions.push_back(
      {index, partition->replicas, partition->adding_replicas, partition->removing_replicas});
}

}  // namespace

void handle_list_partition_reassignments(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::ListPartitionReassignmentsRequest>(body, ctx.version());
  Response response;
  if (!ctx.allowed_on_cluster(Operation::describe)) {
    response.error_code = ErrorCode::cluster_authorization_failed;
    response.error_message = std::string(text_of(response.error_code));
    return answer(ctx, std::move(reply), response);
  }
  response.error_message.reset();
  if (request.topics) {
    for (const auto& wanted : *request.topics) {
      const metadata::Topic* topic = ctx.image->topic(wanted.name);
      if (!topic) continue;
      for (const int32_t index : wanted.partition_indexes)
        add(response, topic->name, index, topic->partition(index));
    }
  } else {
    for (const auto& [id, topic] : ctx.image->topics) {
      for (const auto& [index, partition] : topic->partitions) add(response, topic->name, index, &*partition);
    }
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
