// DescribeTopicPartitions, key 75: partitions page by page, with eligible leader replicas (semantics D6, KIP-966).
#include <algorithm>
#include <set>

#include "libbroker/api/broker.h"
#include "libbroker/api/cluster_view.h"
#include "libbroker/api/handlers.h"
#include "libbroker/wire/75_describe_topic_partitions.h"

namespace kt::api {
namespace {

using Request = wire::DescribeTopicPartitionsRequest;
using Response = wire::DescribeTopicPartitionsResponse;

Response::DescribeTopicPartitionsResponsePartition describe(const RequestContext& ctx, int32_t index, const metadata::Partition& partition) {
  const VisibleLeader leader = visible_leader(ctx, partition);
  Response::DescribeTopicPartitionsResponsePartition described;
  described.error_code = leader.error;
  described.partition_index = index;
  described.leader_id = leader.id;
  described.leader_epoch = partition.leader_epoch;
  described.replica_nodes = partition.replicas;
  described.isr_nodes = partition.isr;
  described.eligible_leader_replicas = partition.elr;
  described.last_known_elr = partition.last_known_elr;
  described.offline_replicas = offline_replicas(*ctx.image, partition);
  return described;
}

// The names asked for, or all, in order and from the cursor's topic on.
std::vector<std::string> topics_of(const RequestContext& ctx, const Request& request) {
  std::set<std::string> names;
  for (const auto& topic : request.topics) names.insert(topic.name);
  if (names.empty()) {
    for (const auto& [name, id] : ctx.image->topic_ids) names.insert(name);
  }
  std::vector<std::string> wanted(names.begin(), names.end());
  if (request.cursor) std::erase_if(wanted, [&](const std::string& name) { return name < request.cursor->topic_name; });
  return wanted;
}

/// A cursor that no answer has given: none of the topics asked for, or before all partitions.
bool is_cursor_wrong(const Request& request) {
  if (!request.cursor) return false;
  const bool is_asked_for =
      request.topics.empty() || std::ranges::any_of(request.topics, [&](const auto& topic) {
        return topic.name == request.cursor->topic_name;
      });
  return !is_asked_for || request.cursor->partition_index < 0;
}

Response refuse(const Request& request) {
  Response response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    topic.error_code = ErrorCode::invalid_request;
  }
  return response;
}

}  // namespace

void handle_describe_topic_partitions(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<Request>(body, ctx.version());
  if (is_cursor_wrong(request)) return answer(ctx, std::move(reply), refuse(request));
  Response response;
  const bool asks_for_all = request.topics.empty();
  int32_t left = std::clamp(request.response_partition_limit, 1, std::max(1, ctx.broker.config().request_partition_size_limit));
  for (const std::string& name : topics_of(ctx, request)) {
    const metadata::Topic* topic = ctx.image->topic(name);
    const bool may_describe = ctx.allowed(Operation::describe, ResourceType::topic, name);
    if (!may_describe && asks_for_all) continue;
    if (!topic || !may_describe) {
      auto& missing = response.topics.emplace_back();
      missing.name = name;
      missing.error_code = may_describe ? ErrorCode::unknown_topic_or_partition : ErrorCode::topic_authorization_failed;
      continue;
    }
    const bool is_resumed = request.cursor && request.cursor->topic_name == name;
    const int32_t first = is_resumed ? request.cursor->partition_index : 0;
    if (left == 0) {
      response.next_cursor = Response::Cursor{name, first};
      break;
    }
    auto& described = response.topics.emplace_back();
    described.name = name;
    described.topic_id = topic->id;
    described.is_internal = metadata::is_internal_topic(name);
    described.topic_authorized_operations = ctx.authorized_operations(ResourceType::topic, name);
    for (auto at = topic->partitions.lower_bound(first); at != topic->partitions.end(); ++at) {
      if (left == 0) {
        response.next_cursor = Response::Cursor{name, at->first};
        break;
      }
      described.partitions.push_back(describe(ctx, at->first, *at->second));
      --left;
    }
    if (response.next_cursor) break;
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
