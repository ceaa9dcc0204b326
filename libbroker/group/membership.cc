// SyncGroup, Heartbeat, LeaveGroup: members of a generation (semantics G15, G17-G19, G21).
#include <algorithm>

#include "libbroker/group/coordinator.h"
#include "libbroker/group/log_format.h"

namespace kt::group {

using enum ClassicGroup::State;

ErrorCode Coordinator::check_member(ClassicGroup& group, const std::string& member_id,
                                    const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const Member* member = group.find_static(*instance_id);
    if (!member) return ErrorCode::unknown_member_id;
    return member->id == member_id ? ErrorCode::none : ErrorCode::fenced_instance_id;
  }
  return group.find(member_id) ? ErrorCode::none : ErrorCode::unknown_member_id;
}

void Coordinator::renew_session(Member& member, Now now) const {
  member.session_deadline_ms = now.steady_ms + member.session_timeout_ms;
}

Step Coordinator::sync(const wire::SyncGroupRequest& request, Token token, Now now) {
  Step step{.group = request.group_id};
  const auto refuse = [&](ErrorCode code) {
    step.answers.push_back({token, wire::SyncGroupResponse{.error_code = code}});
    return step;
  };
  if (request.group_id.empty()) return refuse(ErrorCode::invalid_group_id);
  Entry* entry = find(request.group_id);
  if (!entry) return refuse(ErrorCode::unknown_member_id);
  ClassicGroup& group = entry->group;
  if (group.is(dead)) return refuse(ErrorCode::coordinator_not_available);
  const ErrorCode code = check_member(group, request.member_id, request.group_instance_id);
  if (code != ErrorCode::none) return refuse(code);
  if (request.generation_id != group.generation()) return refuse(ErrorCode::illegal_generation);
  if ((request.protocol_type && *request.protocol_type != group.protocol_type()) ||
      (request.protocol_name && request.protocol_name != group.protocol())) {
    return refuse(ErrorCode::inconsistent_group_protocol);
  }
  Member& member = *group.find(request.member_id);
  if (group.is(empty)) return refuse(ErrorCode::unknown_member_id);
  if (group.is(preparing_rebalance)) return refuse(ErrorCode::rebalance_in_progress);
  if (group.is(stable)) {
    group.synced(member.id);
    renew_session(member, now);
    step.answers.push_back({token, wire::SyncGroupResponse{.protocol_type = group.protocol_type(),
                                                           .protocol_name = group.protocol(),
                                                           .assignment = member.assignment}});
    return step;
  }

  if (member.sync) step.answers.push_back({*member.sync, wire::SyncGroupResponse{.error_code = ErrorCode::unknown_member_id}});
  member.sync = token;
  group.synced(member.id);
  if (member.id == group.leader()) {
    std::map<std::string, Slice, std::less<>> assignments;
    for (const Member& m : group.members()) assignments[m.id] = Slice::empty();
    for (const auto& given : request.assignments) {
      if (group.find(given.member_id)) assignments[given.member_id] = Slice::copy(given.assignment.bytes);
    }
    step.records.push_back(group_record(group.id(), group.to_record(assignments)));
    for (Member& m : group.members()) {
      if (!m.sync) continue;
      step.answers.push_back({*m.sync, wire::SyncGroupResponse{.protocol_type = group.protocol_type(),
                                                               .protocol_name = group.protocol(),
                                                               .assignment = assignments[m.id]}});
      m.sync.reset();
      renew_session(m, now);
    }
  }
  index_deadline(*entry);
  return step;
}

Step Coordinator::heartbeat(const wire::HeartbeatRequest& request, Token token, Now now) {
  Step step{.group = request.group_id};
  const auto answer = [&](ErrorCode code) {
    step.answers.push_back({token, wire::HeartbeatResponse{.error_code = code}});
    return step;
  };
  if (request.group_id.empty()) return answer(ErrorCode::invalid_group_id);
  Entry* entry = find(request.group_id);
  if (!entry) return answer(ErrorCode::unknown_member_id);
  ClassicGroup& group = entry->group;
  if (group.is(dead)) return answer(ErrorCode::coordinator_not_available);
  const ErrorCode code = check_member(group, request.member_id, request.group_instance_id);
  if (code != ErrorCode::none) return answer(code);
  if (request.generation_id != group.generation()) return answer(ErrorCode::illegal_generation);
  if (group.is(empty)) return answer(ErrorCode::unknown_member_id);
  renew_session(*group.find(request.member_id), now);
  return answer(group.is(preparing_rebalance) ? ErrorCode::rebalance_in_progress : ErrorCode::none);
}

Step Coordinator::leave(const wire::LeaveGroupRequest& request, int16_t version, Token token, Now now) {
  Step step{.group = request.group_id};
  wire::LeaveGroupResponse response;
  Entry* entry = find(request.group_id);
  if (request.group_id.empty() || !entry || entry->group.is(dead)) {
    const bool tells_of_each = version >= 3 && !request.group_id.empty() && !entry;
    if (tells_of_each) {
      for (const auto& who : request.members) {
        response.members.push_back({.member_id = who.member_id,
                                    .group_instance_id = who.group_instance_id,
                                    .error_code = ErrorCode::unknown_member_id});
      }
    } else {
      response.error_code = request.group_id.empty() ? ErrorCode::invalid_group_id
                            : entry                  ? ErrorCode::coordinator_not_available
                                                     : ErrorCode::unknown_member_id;
    }
    step.answers.push_back({token, std::move(response)});
    return step;
  }
  std::vector<wire::LeaveGroupRequest::MemberIdentity> leaving = request.members;
  if (version < 3) leaving = {{.member_id = request.member_id}};
  bool membership_changed = false;
  for (const auto& who : leaving) response.members.push_back(leave_one(*entry, who, step, membership_changed));
  if (version < 3) response.error_code = response.members.front().error_code;
  step.answers.push_back({token, std::move(response)});
  ClassicGroup& group = entry->group;
  if (membership_changed) {
    if (group.is(stable) || group.is(completing_rebalance)) {
      prepare_rebalance(*entry, step, now);
    } else {
      complete_join_if_all_came(*entry, step, now);
    }
  }
  index_deadline(*entry);
  return step;
}

wire::LeaveGroupResponse::MemberResponse Coordinator::leave_one(Entry& entry,
                                                                const wire::LeaveGroupRequest::MemberIdentity& who,
                                                                Step& step, bool& membership_changed) {
  ClassicGroup& group = entry.group;
  wire::LeaveGroupResponse::MemberResponse response{who.member_id, who.group_instance_id, ErrorCode::none};
  std::string member_id = who.member_id;
  if (who.group_instance_id && who.member_id.empty()) {  // an administrator names the instance only
    const Member* member = group.find_static(*who.group_instance_id);
    if (member) member_id = member->id;
  }
  if (group.pending_ids.erase(member_id)) {
    membership_changed = true;  // a rebalance may have waited for it
    return response;
  }
  response.error_code = check_member(group, member_id, who.group_instance_id);
  if (response.error_code != ErrorCode::none) return response;
  const Member& member = *group.find(member_id);
  if (member.join) {
    step.answers.push_back(
        {*member.join, wire::JoinGroupResponse{.error_code = ErrorCode::unknown_member_id, .member_id = member_id}});
  }
  if (member.sync) {
    step.answers.push_back({*member.sync, wire::SyncGroupResponse{.error_code = ErrorCode::unknown_member_id}});
  }
  group.remove(member_id);
  membership_changed = true;
  return response;
}

}  // namespace kt::group
