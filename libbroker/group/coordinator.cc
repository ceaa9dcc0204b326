#include "libbroker/group/coordinator.h"

#include "libbroker/base/assert.h"
#include "libbroker/group/log_format.h"

namespace kt::group {

using enum ClassicGroup::State;

Coordinator::Entry* Coordinator::find(std::string_view group_id) {
  const auto found = groups_.find(group_id);
  return found != groups_.end() ? found->second.get() : nullptr;
}

const Coordinator::Entry* Coordinator::find(std::string_view group_id) const {
  const auto found = groups_.find(group_id);
  return found != groups_.end() ? found->second.get() : nullptr;
}

Coordinator::Entry& Coordinator::find_or_create(const std::string& group_id) {
  auto& entry = groups_[group_id];
  if (!entry) entry = std::make_unique<Entry>(group_id);
  return *entry;
}

void Coordinator::index_deadline(Entry& entry) {
  const int64_t deadline_ms = entry.group.deadline_ms();
  if (deadline_ms >= entry.indexed_deadline_ms) return;
  deadlines_.erase({entry.indexed_deadline_ms, entry.group.id()});
  entry.indexed_deadline_ms = deadline_ms;
  deadlines_.emplace(deadline_ms, entry.group.id());
}

void Coordinator::apply(const Record& record, Now now) {
  const auto entry = decode_record(record);
  if (const auto* stored = std::get_if<OffsetEntry>(&entry)) {
    if (stored->offset) {
      find_or_create(stored->group).offsets.insert_or_assign(stored->at, *stored->offset);
    } else if (Entry* group = find(stored->group)) {
      group->offsets.erase(stored->at);
    }
  } else if (const auto* described = std::get_if<GroupEntry>(&entry)) {
    if (described->value) {
      Entry& group = find_or_create(described->group);
      group.is_stored = true;
      group.group.install(*described->value, now);
      index_deadline(group);
    } else if (Entry* gone = find(described->group)) {
      // Positions are records of their own, with tombstones of their own, and may outlive the group's: Kafka
      // writes this one alone when a group goes over to another protocol.
      auto offsets = std::move(gone->offsets);
      deadlines_.erase({gone->indexed_deadline_ms, described->group});
      groups_.erase(described->group);
      if (!offsets.empty()) find_or_create(described->group).offsets = std::move(offsets);
    }
  }
}

Step Coordinator::append_failed(Step step, ErrorCode why, Now now) {
  Step instead{.group = step.group};
  bool is_assignment_lost = false;
  for (auto& [token, answer] : step.answers) {
    if (auto* join = std::get_if<wire::JoinGroupResponse>(&answer)) {
      *join = {.error_code = why, .member_id = join->member_id};
    } else if (auto* sync = std::get_if<wire::SyncGroupResponse>(&answer)) {
      is_assignment_lost = is_assignment_lost || sync->error_code == ErrorCode::none;
      *sync = {.error_code = why};
    } else if (auto* heartbeat = std::get_if<wire::HeartbeatResponse>(&answer)) {
      heartbeat->error_code = why;
    } else if (auto* leave = std::get_if<wire::LeaveGroupResponse>(&answer)) {
      leave->error_code = why;
    } else if (auto* deleted = std::get_if<GroupDeleted>(&answer)) {
      deleted->error_code = why;
    } else if (auto* offsets_deleted = std::get_if<wire::OffsetDeleteResponse>(&answer)) {
      offsets_deleted->error_code = why;
      offsets_deleted->topics.clear();
    } else if (auto* committed = std::get_if<wire::OffsetCommitResponse>(&answer)) {
      for (auto& topic : committed->topics) {
        for (auto& partition : topic.partitions) {
          if (partition.error_code == ErrorCode::none) partition.error_code = why;
        }
      }
    }
    instead.answers.push_back({token, std::move(answer)});
  }
  // An assignment that could not be stored is not one: the members join again (G17b).
  Entry* entry = find(step.group);
  if (entry && is_assignment_lost && entry->group.is(completing_rebalance)) {
    prepare_rebalance(*entry, instead, now);
    index_deadline(*entry);
  }
  return instead;
}

Step Coordinator::delete_group(const std::string& group_id, Token token, Now) {
  Step step{.group = group_id};
  GroupDeleted answer;
  const Entry* entry = find(group_id);
  if (!entry || entry->group.is(dead))
    answer.error_code = ErrorCode::group_id_not_found;
  else if (!entry->group.is(empty))
    answer.error_code = ErrorCode::non_empty_group;
  if (answer.error_code == ErrorCode::none) {
    for (const auto& [at, offset] : entry->offsets) step.records.push_back(offset_tombstone(group_id, at));
    step.records.push_back(group_tombstone(group_id));
  }
  step.answers.push_back({token, answer});
  return step;
}

wire::DescribeGroupsResponse::DescribedGroup Coordinator::describe(const std::string& group_id, int16_t version) const {
  wire::DescribeGroupsResponse::DescribedGroup described;
  described.group_id = group_id;
  const Entry* entry = find(group_id);
  if (!entry) {
    described.group_state = "Dead";
    if (version >= 6) {
      described.error_code = ErrorCode::group_id_not_found;
      described.error_message = "Group " + group_id + " not found.";
    }
    return described;
  }
  const ClassicGroup& group = entry->group;
  described.group_state = group.state_name();
  described.protocol_type = group.protocol_type();
  const bool is_settled = group.is(stable);
  if (is_settled) described.protocol_data = group.protocol().value_or("");
  for (const Member& m : group.members()) {
    described.members.push_back(
        {.member_id = m.id,
         .group_instance_id = m.instance_id,
         .client_id = m.client_id,
         .client_host = m.client_host,
         .member_metadata = is_settled ? m.metadata_of(described.protocol_data) : Slice::empty(),
         .member_assignment = m.assignment});
  }
  return described;
}

std::vector<wire::ListGroupsResponse::ListedGroup> Coordinator::list() const {
  std::vector<wire::ListGroupsResponse::ListedGroup> listed;
  for (const auto& [id, entry] : groups_) {
    listed.push_back({id, entry->group.protocol_type(), std::string(entry->group.state_name()), "classic"});
  }
  return listed;
}

void Coordinator::loaded(Now now) {
  for (auto& [id, entry] : groups_) {
    for (Member& member : entry->group.members()) renew_session(member, now);
    if (entry->group.members().size() <= static_cast<size_t>(options_.group_size_max)) continue;
    // The limit is a lower one now: they join again, and those that come last find no room.
    Step nobody_waits;
    prepare_rebalance(*entry, nobody_waits, now);
    KT_ASSERT(nobody_waits.records.empty());
    KT_ASSERT(nobody_waits.answers.empty());
    index_deadline(*entry);
  }
}

}  // namespace kt::group
