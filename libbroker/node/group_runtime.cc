#include "libbroker/node/group_runtime.h"

#include <utility>

namespace kt::node {

void GroupRuntime::add(std::shared_ptr<PartitionShard> partition) {
  std::shared_ptr<GroupShard> shard;
  {
    const std::lock_guard lock(mutex_);
    auto& slot = shards_[partition->index()];
    if (slot) return;
    slot = shard = std::make_shared<GroupShard>(clock_, home_, std::move(partition), options_, rng_.next());
  }
  disk_pool_.run([shard] { shard->load(); });
}

void GroupRuntime::remove(int32_t partition) {
  std::shared_ptr<GroupShard> shard;
  {
    const std::lock_guard lock(mutex_);
    const auto found = shards_.find(partition);
    if (found == shards_.end()) return;
    shard = std::move(found->second);
    shards_.erase(found);
  }
  shard->retire();
}

void GroupRuntime::set_partition_count(int32_t count) {
  const std::lock_guard lock(mutex_);
  partition_count_ = count;
}

std::vector<std::shared_ptr<GroupShard>> GroupRuntime::all() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<GroupShard>> shards;
  for (const auto& [index, shard] : shards_) shards.push_back(shard);
  return shards;
}

void GroupRuntime::topic_deleted(const std::string& topic) {
  for (const auto& shard : all()) {
    shard->run_all(
        [&](group::Coordinator& groups, group::Now now) { return groups.topic_deleted(topic, now); });
  }
}

void GroupRuntime::expire_offsets() {
  for (const auto& shard : all()) {
    shard->run_all([](group::Coordinator& groups, group::Now now) { return groups.expire_offsets(now); });
  }
}

Result<std::shared_ptr<GroupShard>> GroupRuntime::find(const std::string& group_id) {
  const std::lock_guard lock(mutex_);
  if (partition_count_ == 0) return fail(ErrorCode::not_coordinator);
  const auto found = shards_.find(partition_of(group_id, partition_count_));
  if (found == shards_.end()) return fail(ErrorCode::not_coordinator);
  return found->second;
}

template <class Response, class Decide, class Refusal>
void GroupRuntime::ask(Loop& loop, const std::string& group_id, const Decide& decide, Refusal refusal,
                       Then<Response> then) {
  const auto shard = find(group_id);
  if (!shard) return then(refusal(shard.error().code));
  (*shard)->run(loop, decide,
                [refusal = std::move(refusal), then = std::move(then)](Result<group::Answer> answer) mutable {
                  then(answer ? std::move(std::get<Response>(*answer)) : refusal(answer.error().code));
                });
}

void GroupRuntime::join(Loop& loop, wire::JoinGroupRequest request, group::Coordinator::Asker asker,
                        Then<wire::JoinGroupResponse> then) {
  ask<wire::JoinGroupResponse>(
      loop, request.group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.join(request, asker, token, now);
      },
      [member_id = request.member_id](ErrorCode code) {
        return wire::JoinGroupResponse{.error_code = code, .member_id = member_id};
      },
      std::move(then));
}

void GroupRuntime::sync(Loop& loop, wire::SyncGroupRequest request, Then<wire::SyncGroupResponse> then) {
  ask<wire::SyncGroupResponse>(
      loop, request.group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.sync(request, token, now);
      },
      [](ErrorCode code) { return wire::SyncGroupResponse{.error_code = code}; }, std::move(then));
}

void GroupRuntime::heartbeat(Loop& loop, wire::HeartbeatRequest request, Then<wire::HeartbeatResponse> then) {
  ask<wire::HeartbeatResponse>(
      loop, request.group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.heartbeat(request, token, now);
      },
      [](ErrorCode code) {
        // Its session has not begun here yet, and clients take this for an error that they do not know.
        const bool is_early = code == ErrorCode::coordinator_load_in_progress;
        return wire::HeartbeatResponse{.error_code = is_early ? ErrorCode::none : code};
      },
      std::move(then));
}

void GroupRuntime::leave(Loop& loop, wire::LeaveGroupRequest request, int16_t version,
                         Then<wire::LeaveGroupResponse> then) {
  ask<wire::LeaveGroupResponse>(
      loop, request.group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.leave(request, version, token, now);
      },
      [](ErrorCode code) { return wire::LeaveGroupResponse{.error_code = code}; }, std::move(then));
}

void GroupRuntime::commit(Loop& loop, wire::OffsetCommitRequest request, int16_t version,
                          group::Coordinator::Refused refused, Then<wire::OffsetCommitResponse> then) {
  wire::OffsetCommitResponse unanswered;
  bool is_asked = false;  // the coordinator: only if something is left that topics allow
  for (const auto& topic : request.topics) {
    auto& answered = unanswered.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      const ErrorCode code = refused(topic.name, partition.partition_index);
      is_asked = is_asked || code == ErrorCode::none;
      answered.partitions.push_back({partition.partition_index, code});
    }
  }
  if (!is_asked) return then(std::move(unanswered));
  ask<wire::OffsetCommitResponse>(
      loop, request.group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.commit(request, version, refused, token, now);
      },
      [unanswered = std::move(unanswered)](ErrorCode code) {
        wire::OffsetCommitResponse response = unanswered;
        for (auto& topic : response.topics)
          for (auto& partition : topic.partitions)
            if (partition.error_code == ErrorCode::none) partition.error_code = code;
        return response;
      },
      std::move(then));
}

void GroupRuntime::delete_offsets(Loop& loop, wire::OffsetDeleteRequest request,
                                  group::Coordinator::Refused refused,
                                  Then<wire::OffsetDeleteResponse> then) {
  ask<wire::OffsetDeleteResponse>(
      loop, request.group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.delete_offsets(request, refused, token, now);
      },
      [](ErrorCode code) { return wire::OffsetDeleteResponse{.error_code = code}; }, std::move(then));
}

void GroupRuntime::remove(Loop& loop, std::string group_id, Then<ErrorCode> then) {
  ask<group::GroupDeleted>(
      loop, group_id,
      [&](group::Coordinator& groups, group::Token token, group::Now now) {
        return groups.delete_group(group_id, token, now);
      },
      [](ErrorCode code) { return group::GroupDeleted{code}; },
      [then = std::move(then)](group::GroupDeleted deleted) mutable { then(deleted.error_code); });
}

void GroupRuntime::fetch(Loop& loop, wire::OffsetFetchRequest::OffsetFetchRequestGroup request,
                         Then<wire::OffsetFetchResponse::OffsetFetchResponseGroup> then) {
  using Group = wire::OffsetFetchResponse::OffsetFetchResponseGroup;
  auto answer = [group_id = request.group_id, then = std::move(then)](Result<Group> found) mutable {
    Group refused;
    refused.group_id = std::move(group_id);
    if (!found) refused.error_code = found.error().code;
    then(found ? std::move(*found) : std::move(refused));
  };
  const auto shard = find(request.group_id);
  if (!shard) return answer(fail(shard.error()));
  (*shard)->read(
      loop, [&](const group::Coordinator& groups) { return groups.fetch_offsets(request); },
      std::move(answer));
}

void GroupRuntime::describe(Loop& loop, std::string group_id, int16_t version,
                            Then<wire::DescribeGroupsResponse::DescribedGroup> then) {
  using Group = wire::DescribeGroupsResponse::DescribedGroup;
  auto answer = [group_id, then = std::move(then)](Result<Group> found) mutable {
    then(found ? std::move(*found) : Group{.error_code = found.error().code, .group_id = group_id});
  };
  const auto shard = find(group_id);
  if (!shard) return answer(fail(shard.error()));
  (*shard)->read(
      loop, [&](const group::Coordinator& groups) { return groups.describe(group_id, version); },
      std::move(answer));
}

api::Groups::Listed GroupRuntime::list() {
  Listed listed;
  for (const auto& shard : all()) {
    auto some = shard->list();
    if (some.error_code == ErrorCode::coordinator_load_in_progress) listed.error_code = some.error_code;
    for (auto& group : some.groups) listed.groups.push_back(std::move(group));
  }
  return listed;
}

}  // namespace kt::node
