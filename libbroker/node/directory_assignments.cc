#include "libbroker/node/directory_assignments.h"

#include "libbroker/base/logger.h"

namespace kt::node {

void DirectoryAssignments::add(const std::vector<ReplicaManager::Placed>& placed) {
  for (const auto& one : placed) pending_[{one.topic_id, one.index}] = one.directory;
  send();
}

void DirectoryAssignments::begin(int64_t broker_epoch) {
  broker_epoch_ = broker_epoch;
  send();
}

void DirectoryAssignments::send() {
  if (is_asking_ || pending_.empty() || broker_epoch_ < 0) return;
  is_asking_ = true;
  std::map<Uuid, std::map<Uuid, std::vector<int32_t>>> by_directory;
  for (const auto& [replica, directory] : pending_)
    by_directory[directory][replica.first].push_back(replica.second);
  wire::AssignReplicasToDirsRequest request;
  request.broker_id = node_id_;
  request.broker_epoch = broker_epoch_;
  for (const auto& [id, topics] : by_directory) {
    auto& directory = request.directories.emplace_back();
    directory.id = id;
    for (const auto& [topic_id, partitions] : topics) {
      auto& topic = directory.topics.emplace_back();
      topic.topic_id = topic_id;
      for (const int32_t index : partitions) topic.partitions.push_back({.partition_index = index});
    }
  }
  controller_.ask(control_, std::move(request), 0,
                  [this, alive = std::weak_ptr(alive_),
                   sent = pending_](Result<wire::AssignReplicasToDirsResponse> response) {
                    if (alive.lock()) on_answer(sent, response);
                  });
}

void DirectoryAssignments::on_answer(const std::map<Replica, Uuid>& sent,
                                     const Result<wire::AssignReplicasToDirsResponse>& response) {
  is_asking_ = false;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code != ErrorCode::none) {
    log_warn("kt.DirectoryAssignments", "the controller did not take where replicas lie: {}", text_of(code));
    control_.cancel(timer_);
    timer_ = control_.after(retry_ms, [this] { send(); });
    return;
  }
  // What is refused one by one is of a topic that is gone.
  for (const auto& [replica, directory] : sent) {
    const auto found = pending_.find(replica);
    if (found != pending_.end() && found->second == directory) pending_.erase(found);
  }
  send();
}

}  // namespace kt::node
