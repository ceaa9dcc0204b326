// DescribeProducers, key 61: active producers of partitions (KIP-664).
#include "libbroker/wire/61_describe_producers.h"

#include <map>
#include <set>
#include <string_view>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

using PartitionResponse = wire::DescribeProducersResponse::PartitionResponse;

Result<std::vector<Partition::ActiveProducer>> find(const RequestContext& ctx, const std::string& topic,
                                                    int32_t index) {
  if (!ctx.allowed(Operation::read, ResourceType::topic, topic))
    return fail(ErrorCode::topic_authorization_failed);
  const metadata::Topic* known = ctx.image->topic(topic);
  if (!known || !known->partition(index)) return fail(ErrorCode::unknown_topic_or_partition);
  const auto partition = ctx.broker.find_partition(known->id, index);
  if (!partition) return fail(partition.error());
  return (*partition)->active_producers();
}

}  // namespace

void handle_describe_producers(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DescribeProducersRequest>(body, ctx.version());
  wire::DescribeProducersResponse response;
  // A partition is described once: one of many producers, named again and again, makes an answer of
  // gigabytes.
  std::map<std::string_view, std::set<int32_t>> seen;
  for (const auto& topic : request.topics) {
    auto& seen_of_topic = seen[topic.name];
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const int32_t index : topic.partition_indexes) {
      if (!seen_of_topic.insert(index).second) continue;
      PartitionResponse& result = answered.partitions.emplace_back();
      result.partition_index = index;
      const auto active = find(ctx, topic.name, index);
      if (!active) {
        result.error_code = active.error().code;
        result.error_message = std::string(text_of(result.error_code));
        continue;
      }
      for (const auto& p : *active) {
        result.active_producers.push_back({p.producer_id, p.producer_epoch, p.last_sequence,
                                           p.last_timestamp_ms, p.coordinator_epoch,
                                           p.current_transaction_start_offset});
      }
    }
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
