// DeleteRecords, key 21: moves the start of partitions forward (semantics L18).
#include "libbroker/wire/21_delete_records.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

Result<int64_t> delete_before(const RequestContext& ctx, const std::string& topic, int32_t index,
                              int64_t offset) {
  if (!ctx.allowed(Operation::remove, ResourceType::topic, topic))
    return fail(ErrorCode::topic_authorization_failed);
  const metadata::Topic* known = ctx.image->topic(topic);
  if (!known || !known->partition(index)) return fail(ErrorCode::unknown_topic_or_partition);
  if (metadata::is_internal_topic(topic)) return fail(ErrorCode::invalid_topic_exception);
  const auto partition = ctx.broker.find_partition(known->id, index);
  if (!partition) return fail(partition.error());
  return (*partition)->delete_records(offset);
}

}  // namespace

void handle_delete_records(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DeleteRecordsRequest>(body, ctx.version());
  wire::DeleteRecordsResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      const auto low_watermark = delete_before(ctx, topic.name, partition.partition_index, partition.offset);
      answered.partitions.push_back(
          {.partition_index = partition.partition_index,
           .low_watermark = low_watermark.value_or(-1),
           .error_code = low_watermark ? ErrorCode::none : low_watermark.error().code});
    }
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
