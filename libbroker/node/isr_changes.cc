#include "libbroker/node/isr_changes.h"

#include "libbroker/base/logger.h"

namespace kt::node {
namespace {

/// Others are an answer, of which partition::Leader knows what it means.
bool is_to_be_asked_again(ErrorCode code) {
  return code == ErrorCode::not_controller || code == ErrorCode::request_timed_out ||
         code == ErrorCode::unknown_server_error;
}

}  // namespace

void IsrChanges::add(std::shared_ptr<PartitionShard> shard, partition::IsrChange change) {
  const Key key{shard->topic_id(), shard->index()};
  pending_.insert_or_assign(key, Pending{std::move(shard), std::move(change)});
  send();
}

void IsrChanges::begin(int64_t broker_epoch) {
  broker_epoch_ = broker_epoch;
  send();
}

void IsrChanges::send() {
  if (is_asking_ || pending_.empty() || broker_epoch_ < 0) return;
  is_asking_ = true;
  wire::AlterPartitionRequest request;
  request.broker_id = node_id_;
  request.broker_epoch = broker_epoch_;
  for (const auto& [key, pending] : pending_) {
    if (request.topics.empty() || request.topics.back().topic_id != key.first)
      request.topics.emplace_back().topic_id = key.first;
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = key.second;
    partition.leader_epoch = pending.change.leader_epoch;
    partition.partition_epoch = pending.change.partition_epoch;
    for (const auto& member : pending.change.isr)
      partition.new_isr_with_epochs.push_back({member.id, member.broker_epoch});
  }
  controller_.ask(control_, std::move(request), wire::AlterPartitionRequest::max_version,
                  [this, alive = std::weak_ptr(alive_),
                   sent = std::exchange(pending_, {})](Result<wire::AlterPartitionResponse> response) {
                    if (alive.lock()) on_answer(sent, response);
                  });
}

void IsrChanges::on_answer(const Changes& sent, const Result<wire::AlterPartitionResponse>& response) {
  Changes left = sent;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code == ErrorCode::none) {
    for (const auto& topic : response->topics) {
      for (const auto& partition : topic.partitions) {
        if (is_to_be_asked_again(partition.error_code)) continue;
        const auto found = left.extract({topic.topic_id, partition.partition_index});
        if (found.empty()) continue;
        Result<partition::Leader::Answer> answer =
            partition::Leader::Answer{partition.leader_epoch, partition.partition_epoch, partition.isr};
        if (partition.error_code != ErrorCode::none) answer = fail(partition.error_code);
        found.mapped().shard->isr_changed(found.mapped().change, answer);
      }
    }
  } else {
    log_debug("kt.IsrChanges", "the controller did not take changes of ISRs: {}", text_of(code));
  }
  if (left.empty()) {
    is_asking_ = false;
    return send();
  }
  // They may want something else by the time they are asked for it.
  timer_ = control_.after(retry_ms, [this, code, left = std::move(left)] {
    is_asking_ = false;
    const ErrorCode why = code == ErrorCode::none ? ErrorCode::unknown_server_error : code;
    for (const auto& [key, one] : left) one.shard->isr_changed(one.change, fail(why));
    send();
  });
}

}  // namespace kt::node
