// What requests ask of the node they came to (api::Broker).
#include <utility>

#include "libbroker/base/logger.h"
#include "libbroker/metadata/image.h"
#include "libbroker/node/node.h"

namespace kt::node {

Result<std::shared_ptr<api::Partition>> Node::find_partition(const Uuid& topic_id, int32_t partition) {
  return replicas_->table().find(topic_id, partition);
}

void Node::create_once(const std::string& name, wire::CreateTopicsRequest request, int16_t version,
                       api::Asker asker) {
  {
    const std::lock_guard lock(creating_mutex_);
    // One Metadata may name a million; who asks for what is left out asks again. The brokers' own have room.
    if (creating_.size() >= creating_max && !metadata::is_internal_topic(name)) return;
    if (!creating_.insert(name).second) return;
  }
  route_->ask_for(std::move(asker), seams_.control, std::move(request), version,
                  [this, alive = std::weak_ptr(alive_), name](Result<wire::CreateTopicsResponse> response) {
                    if (!alive.lock()) return;
                    const std::lock_guard lock(creating_mutex_);
                    creating_.erase(name);
                    const ErrorCode code = !response                  ? response.error().code
                                           : response->topics.empty() ? ErrorCode::none
                                                                      : response->topics[0].error_code;
                    if (code == ErrorCode::none || code == ErrorCode::topic_already_exists) return;
                    log_warn("kt.Node", "topic {} was not created: {}", name,
                             response && response->topics[0].error_message
                                 ? *response->topics[0].error_message
                                 : std::string(text_of(code)));
                  });
}

std::vector<api::Broker::LogDirectory> Node::log_directories() {
  std::vector<LogDirectory> described;
  for (const auto& directory : directories_.all()) {
    if (!directory.has_partitions) continue;
    LogDirectory& one =
        described.emplace_back(LogDirectory{directory.path, directories_.is_online(directory.path)});
    if (const auto space = seams_.disk.space(directory.path)) {
      one.total_bytes = static_cast<int64_t>(space->total_bytes);
      one.usable_bytes = static_cast<int64_t>(space->usable_bytes);
    }
  }
  return described;
}

void Node::next_producer_id(Loop& loop, std::move_only_function<void(Result<int64_t>)> then) {
  producer_ids_->next(loop, std::move(then));
}

}  // namespace kt::node
