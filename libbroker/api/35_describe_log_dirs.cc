// DescribeLogDirs, key 35: log directories and what is in them (semantics L19).
#include "libbroker/wire/35_describe_log_dirs.h"

#include <map>
#include <set>
#include <string_view>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

using Request = wire::DescribeLogDirsRequest;
using Response = wire::DescribeLogDirsResponse;

/// The partitions that a request names; it outlives this.
class AskedFor {
 public:
  explicit AskedFor(const Request& request) : is_all_(!request.topics) {
    if (is_all_) return;
    for (const auto& topic : *request.topics)
      by_topic_[topic.topic].insert(topic.partitions.begin(), topic.partitions.end());
  }
  bool contains(const std::string& topic, int32_t partition) const {
    if (is_all_) return true;
    const auto found = by_topic_.find(topic);
    return found != by_topic_.end() && found->second.contains(partition);
  }

 private:
  const bool is_all_;
  std::map<std::string_view, std::set<int32_t>> by_topic_;
};

}  // namespace

void handle_describe_log_dirs(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<Request>(body, ctx.version());
  Response response;
  if (!ctx.allowed_on_cluster(Operation::describe)) {
    response.error_code = ErrorCode::cluster_authorization_failed;
    return answer(ctx, std::move(reply), response);
  }
  const AskedFor asked_for(request);
  // By directory, then topic.
  std::map<std::string, std::map<std::string, Response::DescribeLogDirsTopic>> found;
  for (const auto& [id, topic] : ctx.image->topics) {
    for (const auto& [index, partition] : topic->partitions) {
      if (!asked_for.contains(topic->name, index)) continue;
      const auto replica = ctx.broker.find_partition(id, index);
      if (!replica) continue;
      const Partition::Sizes sizes = (*replica)->sizes();
      auto& described = found[sizes.directory][topic->name];
      described.name = topic->name;
      described.partitions.push_back({index, static_cast<int64_t>(sizes.bytes), sizes.offset_lag, false});
    }
  }
  for (const Broker::LogDirectory& directory : ctx.broker.log_directories()) {
    auto& result = response.results.emplace_back();
    result.log_dir = directory.path;
    if (!directory.is_online) {  // what lies in it is not told
      result.error_code = ErrorCode::kafka_storage_error;
      continue;
    }
    result.total_bytes = directory.total_bytes;
    result.usable_bytes = directory.usable_bytes;
    for (auto& [name, topic] : found[directory.path]) result.topics.push_back(std::move(topic));
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
