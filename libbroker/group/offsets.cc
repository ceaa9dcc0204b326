// Committed positions: OffsetCommit, OffsetFetch, OffsetDelete and their expiry (semantics G22-G26).
#include <algorithm>

#include "libbroker/group/coordinator.h"
#include "libbroker/group/log_format.h"
#include "libbroker/metadata/java_text.h"

namespace kt::group {

using enum ClassicGroup::State;

ErrorCode Coordinator::check_commit(const Entry* entry, const wire::OffsetCommitRequest& request, int16_t version) const {
  const int32_t generation = request.generation_id_or_member_epoch;
  if (!entry) {
    if (generation < 0) return ErrorCode::none;  // positions kept here by someone who manages partitions himself
    return version >= 9 ? ErrorCode::group_id_not_found : ErrorCode::illegal_generation;
  }
  auto& group = const_cast<ClassicGroup&>(entry->group);
  if (group.is(dead)) return ErrorCode::coordinator_not_available;
  if (options_.mutants.has(Mutant::group_commits_of_anyone)) return ErrorCode::none;
  if (generation < 0 && group.is(empty)) return ErrorCode::none;
  if (generation >= 0 || !request.member_id.empty() || request.group_instance_id) {
    const ErrorCode code = check_member(group, request.member_id, request.group_instance_id);
    if (code != ErrorCode::none) return code;
    if (generation != group.generation()) return ErrorCode::illegal_generation;
  } else if (!group.is(empty)) {
    return ErrorCode::unknown_member_id;
  }
  return group.is(completing_rebalance) ? ErrorCode::rebalance_in_progress : ErrorCode::none;
}

Step Coordinator::commit(const wire::OffsetCommitRequest& request, int16_t version, const Refused& refused,
                         Token token, Now now) {
  Step step{.group = request.group_id};
  Entry* entry = find(request.group_id);
  const ErrorCode group_error = check_commit(entry, request, version);
  bool is_asked = false;  // the group: only if something is left that topics allow
  wire::OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& topic_response = response.topics.emplace_back();
    topic_response.name = topic.name;
    topic_response.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      ErrorCode code = refused(topic.name, partition.partition_index);
      if (code == ErrorCode::none) {
        is_asked = true;
        code = group_error;
      }
      std::string metadata = partition.committed_metadata.value_or("");
      if (code == ErrorCode::none &&
          metadata::java::length(metadata) > static_cast<size_t>(options_.offset_metadata_bytes_max)) {
        code = ErrorCode::offset_metadata_too_large;
      }
      topic_response.partitions.push_back({partition.partition_index, code});
      if (code != ErrorCode::none) continue;
      const int64_t expire_ms = request.retention_time_ms < 0 ? -1 : now.wall_ms + request.retention_time_ms;
      step.records.push_back(offset_record(request.group_id, {topic.name, partition.partition_index},
                                           {partition.committed_offset, partition.committed_leader_epoch,
                                            std::move(metadata), now.wall_ms, expire_ms}));
    }
  }
  if (entry && is_asked && group_error == ErrorCode::none) {
    if (Member* member = entry->group.find(request.member_id)) renew_session(*member, now);
  }
  step.answers.push_back({token, std::move(response)});
  return step;
}

wire::OffsetFetchResponse::OffsetFetchResponseGroup Coordinator::fetch_offsets(
    const wire::OffsetFetchRequest::OffsetFetchRequestGroup& request) const {
  wire::OffsetFetchResponse::OffsetFetchResponseGroup response;
  response.group_id = request.group_id;
  const Entry* entry = find(request.group_id);
  static const std::map<TopicPartition, CommittedOffset> nothing;
  const auto& offsets = entry ? entry->offsets : nothing;
  const auto add = [](auto& topic, int32_t partition, const CommittedOffset& offset) {
    topic.partitions.push_back({partition, offset.offset, offset.leader_epoch, offset.metadata, ErrorCode::none});
  };
  if (!request.topics) {
    for (const auto& [at, offset] : offsets) {
      if (response.topics.empty() || response.topics.back().name != at.topic) response.topics.push_back({.name = at.topic});
      add(response.topics.back(), at.partition, offset);
    }
    return response;
  }
  for (const auto& topic : *request.topics) {
    auto& topic_response = response.topics.emplace_back();
    topic_response.name = topic.name;
    topic_response.topic_id = topic.topic_id;
    for (const int32_t partition : topic.partition_indexes) {
      const auto found = offsets.find({topic.name, partition});
      add(topic_response, partition, found != offsets.end() ? found->second : CommittedOffset{});
    }
  }
  return response;
}

Step Coordinator::delete_offsets(const wire::OffsetDeleteRequest& request, const Refused& refused,
                                 Token token, Now) {
  Step step{.group = request.group_id};
  wire::OffsetDeleteResponse response;
  const Entry* entry = find(request.group_id);
  if (request.group_id.empty()) response.error_code = ErrorCode::invalid_group_id;
  else if (!entry || entry->group.is(dead)) response.error_code = ErrorCode::group_id_not_found;
  else if (!entry->group.is(empty) && !entry->group.uses_consumer_protocol()) response.error_code = ErrorCode::non_empty_group;
  if (response.error_code == ErrorCode::none) {
    for (const auto& topic : request.topics) {
      auto& topic_response = response.topics.emplace_back();
      topic_response.name = topic.name;
      for (const auto& partition : topic.partitions) {
        const TopicPartition at{topic.name, partition.partition_index};
        ErrorCode code = refused(topic.name, partition.partition_index);
        if (code == ErrorCode::none && entry->group.is_subscribed_to(topic.name)) {
          code = ErrorCode::group_subscribed_to_topic;
        }
        topic_response.partitions.push_back({partition.partition_index, code});
        if (code == ErrorCode::none && entry->offsets.contains(at)) {
          step.records.push_back(offset_tombstone(request.group_id, at));
        }
      }
    }
  }
  step.answers.push_back({token, std::move(response)});
  return step;
}

std::vector<Step> Coordinator::topic_deleted(const std::string& topic, Now) {
  std::vector<Step> steps;
  for (const auto& [id, entry] : groups_) {
    Step step{.group = id};
    for (auto at = entry->offsets.lower_bound({topic, INT32_MIN}); at != entry->offsets.end() && at->first.topic == topic; ++at) {
      step.records.push_back(offset_tombstone(id, at->first));
    }
    if (!step.records.empty()) steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<Step> Coordinator::expire_offsets(Now now) {
  std::vector<Step> steps;
  for (const auto& [id, entry] : groups_) {
    const ClassicGroup& group = entry->group;
    const bool is_simple = group.protocol_type().empty();
    Step step{.group = id};
    size_t expired = 0;
    for (const auto& [at, offset] : entry->offsets) {
      const int64_t counted_from = is_simple || !group.is(empty) ? offset.commit_ms : std::max(group.state_since_ms(), offset.commit_ms);
      const int64_t until = offset.expire_ms >= 0 ? offset.expire_ms : counted_from + options_.offsets_retention_ms;
      const bool in_use = !group.is(empty) && (!group.is(stable) || !group.uses_consumer_protocol() || group.is_subscribed_to(at.topic));
      if (in_use || until > now.wall_ms) continue;
      step.records.push_back(offset_tombstone(id, at));
      ++expired;
    }
    if (group.is(empty) && group.pending_ids.empty() && expired == entry->offsets.size())
      step.records.push_back(group_tombstone(id));
    if (!step.records.empty()) steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace kt::group
