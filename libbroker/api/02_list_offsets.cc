// ListOffsets, key 2: offsets by time, and the ends of partitions (semantics F34).
#include "libbroker/wire/02_list_offsets.h"

#include <map>
#include <set>
#include <string_view>

#include "libbroker/api/broker.h"
#include "libbroker/api/gather.h"
#include "libbroker/api/handlers.h"
#include "libbroker/metadata/image.h"

namespace kt::api {
namespace {

using Request = wire::ListOffsetsRequest;
using Response = wire::ListOffsetsResponse;
using PartitionResponse = Response::ListOffsetsPartitionResponse;
constexpr int16_t leader_epoch_since = 4, offset_not_available_since = 5;

// Special timestamps, and the version that each came with.
bool knows_timestamp(int64_t timestamp, int16_t version) {
  switch (timestamp) {
    case -1:
    case -2:
      return true;
    case -3:
      return version >= 7;
    case -4:
      return version >= 8;
    case -5:
      return version >= 9;
    case -6:
      return version >= 11;
    default:
      return timestamp >= 0;
  }
}

ErrorCode refusal(const RequestContext& ctx, const std::string& topic,
                  const Request::ListOffsetsPartition& asked, bool is_repeated) {
  if (is_repeated) return ErrorCode::invalid_request;
  if (!ctx.allowed(Operation::describe, ResourceType::topic, topic))
    return ErrorCode::topic_authorization_failed;
  if (!knows_timestamp(asked.timestamp, ctx.version())) return ErrorCode::unsupported_version;
  const metadata::Topic* known = ctx.image->topic(topic);
  return known && known->partition(asked.partition_index) ? ErrorCode::none
                                                          : ErrorCode::unknown_topic_or_partition;
}

}  // namespace

void handle_list_offsets(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<Request>(body, ctx.version());
  size_t count = 0;
  for (const auto& topic : request.topics) count += topic.partitions.size();
  auto gather = gather_answers<PartitionResponse>(
      count, [answer = Answer<Response>(ctx, std::move(reply)),
              topics = request.topics](std::vector<PartitionResponse> found) mutable {
        Response response;
        auto next = found.begin();
        for (const auto& topic : topics) {
          auto& answered = response.topics.emplace_back();
          answered.name = topic.name;
          for (size_t i = 0; i < topic.partitions.size(); ++i) answered.partitions.push_back(*next++);
        }
        answer(response);
      });
  const bool is_replica = request.replica_id >= 0;  // asks for where the log ends
  const Isolation isolation = is_replica                     ? Isolation::log_end
                              : request.isolation_level == 1 ? Isolation::last_stable
                                                             : Isolation::high_watermark;
  std::map<std::string_view, std::set<int32_t>> seen;  // of names that may be long: not one a partition
  size_t index = 0;
  for (const auto& topic : request.topics) {
    auto& seen_of_topic = seen[topic.name];
    for (const auto& asked : topic.partitions) {
      PartitionResponse answered{.partition_index = asked.partition_index};
      const bool is_repeated = !seen_of_topic.insert(asked.partition_index).second;
      answered.error_code = refusal(ctx, topic.name, asked, is_repeated);
      std::shared_ptr<Partition> partition;
      if (answered.error_code == ErrorCode::none) {
        const auto found = ctx.broker.find_partition(ctx.image->topic(topic.name)->id, asked.partition_index);
        if (found)
          partition = *found;
        else
          answered.error_code = found.error().code;
      }
      if (!partition) {
        gather(index++, answered);
        continue;
      }
      partition->offset_at(
          asked.timestamp, isolation, asked.current_leader_epoch, ctx.loop,
          [gather, index, answered, version = ctx.version()](Result<Partition::OffsetAt> found) mutable {
            if (found) {
              answered.offset = found->offset;
              answered.timestamp = found->timestamp_ms;
              if (version >= leader_epoch_since) answered.leader_epoch = found->leader_epoch;
            } else if (found.error().code == ErrorCode::offset_not_available &&
                       version < offset_not_available_since) {
              answered.error_code = ErrorCode::leader_not_available;
            } else {
              answered.error_code = found.error().code;
            }
            gather(index, answered);
          });
      ++index;
    }
  }
}

}  // namespace kt::api
