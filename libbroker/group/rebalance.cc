// The rebalance of a classic group: waiting for members, closing a generation, and what time brings about (G13, G14, G18).
#include <algorithm>

#include "libbroker/group/coordinator.h"
#include "libbroker/group/log_format.h"

namespace kt::group {

using enum ClassicGroup::State;

constexpr int32_t absent_members_wait_ms_min = 100;

void Coordinator::prepare_or_complete(Entry& entry, Step& step, Now now) {
  if (!entry.group.is(preparing_rebalance)) return prepare_rebalance(entry, step, now);
  complete_join_if_all_came(entry, step, now);
}

void Coordinator::prepare_rebalance(Entry& entry, Step& step, Now now) {
  ClassicGroup& group = entry.group;
  for (Member& member : group.members()) {
    if (!member.sync) continue;
    step.answers.push_back({*member.sync, wire::SyncGroupResponse{.error_code = ErrorCode::rebalance_in_progress}});
    member.sync.reset();
    renew_session(member, now);  // it waited, and was not asked for a sign of life
  }
  if (group.is(completing_rebalance)) {  // nobody knows what the leader would have given them
    for (Member& member : group.members()) member.assignment = Slice::empty();
  }
  const bool first = group.is(empty);
  group.become_preparing(now);
  if (!first) {
    group.rebalance_deadline_ms = now.steady_ms + group.rebalance_timeout_ms();
    return complete_join_if_all_came(entry, step, now);
  }
  // The first rebalance of a group is put off a little, so that members started together come in together.
  const int64_t delay = std::min<int64_t>(options_.initial_rebalance_delay_ms, group.rebalance_timeout_ms());
  group.in_initial_delay = true;
  group.member_added_during_delay = false;
  group.initial_delay_left_ms = group.rebalance_timeout_ms() - delay;
  group.rebalance_deadline_ms = now.steady_ms + delay;
  if (delay == 0) complete_join(entry, step, now);
}

void Coordinator::complete_join_if_all_came(Entry& entry, Step& step, Now now) {
  if (entry.group.is(preparing_rebalance) && !entry.group.in_initial_delay && entry.group.all_members_joined()) {
    complete_join(entry, step, now);
  }
}

void Coordinator::complete_join(Entry& entry, Step& step, Now now) {
  ClassicGroup& group = entry.group;
  std::vector<std::string> absent;
  for (const Member& member : group.members()) {
    if (!member.join && !member.instance_id) absent.push_back(member.id);
  }
  for (const std::string& member_id : absent) group.remove(member_id);

  if (!group.members().empty() && !group.elect_leader_among_joined()) {
    // Only absent static members are left, who may have named no time at all.
    group.rebalance_deadline_ms =
        now.steady_ms + std::max(group.rebalance_timeout_ms(), absent_members_wait_ms_min);
    return;
  }
  group.become_next_generation(now);
  if (group.is(empty)) {
    step.records.push_back(group_record(group.id(), group.to_record({})));
    return;
  }
  for (Member& member : group.members()) {
    group.pending_syncs.insert(member.id);
    member.is_new = false;
    renew_session(member, now);
    if (!member.join) continue;  // an absent static member keeps its place
    wire::JoinGroupResponse response;
    response.generation_id = group.generation();
    response.protocol_type = group.protocol_type();
    response.protocol_name = group.protocol();
    response.leader = group.leader();
    response.member_id = member.id;
    if (member.id == group.leader()) {
      for (const Member& m : group.members()) {
        response.members.push_back({m.id, m.instance_id, m.metadata_of(*group.protocol())});
      }
    }
    step.answers.push_back({*member.join, std::move(response)});
    member.join.reset();
  }
  group.sync_deadline_ms = now.steady_ms + group.rebalance_timeout_ms();
}

// Takes a member out: its waiting join is answered, and the others rebalance.
void Coordinator::drop_member(Entry& entry, const std::string& member_id, Step& step, Now now) {
  ClassicGroup& group = entry.group;
  if (const Member* member = group.find(member_id)) {
    if (member->join) {
      step.answers.push_back(
          {*member->join, wire::JoinGroupResponse{.error_code = ErrorCode::unknown_member_id, .member_id = member_id}});
    }
    if (member->sync) {
      step.answers.push_back({*member->sync, wire::SyncGroupResponse{.error_code = ErrorCode::unknown_member_id}});
    }
  }
  group.remove(member_id);
  if (group.is(stable) || group.is(completing_rebalance)) return prepare_rebalance(entry, step, now);
  complete_join_if_all_came(entry, step, now);
}

std::vector<Step> Coordinator::tick(Now now) {
  std::vector<Step> steps;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.steady_ms) {
    const std::string group_id = deadlines_.begin()->second;
    Entry& entry = *find(group_id);
    Step step{.group = group_id};
    tick(entry, step, now);
    deadlines_.erase({entry.indexed_deadline_ms, group_id});
    entry.indexed_deadline_ms = never_ms;
    index_deadline(entry);
    if (!step.records.empty() || !step.answers.empty()) steps.push_back(std::move(step));
  }
  return steps;
}

void Coordinator::tick(Entry& entry, Step& step, Now now) {
  ClassicGroup& group = entry.group;
  group.pending_ids.expire(now.steady_ms);

  std::vector<std::string> silent;
  for (const Member& member : group.members()) {
    if (member.session_deadline_ms <= now.steady_ms && (member.is_new || !member.waits()))
      silent.push_back(member.id);
  }
  if (group.sync_deadline_ms <= now.steady_ms) {  // who joined but did not sync in time (G17c)
    group.sync_deadline_ms = never_ms;
    for (const std::string& member_id : group.pending_syncs) silent.push_back(member_id);
  }
  for (const std::string& member_id : silent) drop_member(entry, member_id, step, now);

  if (group.is(preparing_rebalance) && group.rebalance_deadline_ms <= now.steady_ms) {
    if (group.in_initial_delay && group.member_added_during_delay && group.initial_delay_left_ms > 0) {
      const int64_t delay = std::min<int64_t>(options_.initial_rebalance_delay_ms, group.initial_delay_left_ms);
      group.member_added_during_delay = false;
      group.initial_delay_left_ms -= delay;
      group.rebalance_deadline_ms = now.steady_ms + delay;
    } else {
      complete_join(entry, step, now);
    }
  } else {
    complete_join_if_all_came(entry, step, now);  // an id that was given out and not used holds nobody up
  }
}

}  // namespace kt::group
