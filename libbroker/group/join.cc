// JoinGroup: who may come in, and under which id (semantics G11, G12, G16, G20).
#include <algorithm>
#include <limits>

#include "libbroker/base/uuid.h"
#include "libbroker/group/coordinator.h"
#include "libbroker/group/log_format.h"

namespace kt::group {
namespace {

constexpr int16_t member_id_required_since = 4, skip_assignment_since = 9;  // of JoinGroup (KIP-394, KIP-814)
constexpr int64_t new_member_join_timeout_ms = 5 * 60'000;

void answer(Step& step, Token token, ErrorCode code, std::string member_id) {
  wire::JoinGroupResponse response;
  response.error_code = code;
  response.member_id = std::move(member_id);
  step.answers.push_back({token, std::move(response)});
}

std::vector<Member::Protocol> protocols_of(const wire::JoinGroupRequest& request) {
  std::vector<Member::Protocol> protocols;
  for (const auto& protocol : request.protocols) {
    protocols.push_back({protocol.name, Slice::copy(protocol.metadata.bytes)});
  }
  return protocols;
}

// What a member is told of the present generation: all members, if it leads.
wire::JoinGroupResponse present_generation(const ClassicGroup& group, const Member& member) {
  wire::JoinGroupResponse response;
  response.generation_id = group.generation();
  response.protocol_type = group.protocol_type();
  response.protocol_name = group.protocol();
  response.leader = group.leader();
  response.member_id = member.id;
  if (group.leader() == member.id) {
    for (const Member& m : group.members()) {
      response.members.push_back({m.id, m.instance_id, m.metadata_of(group.protocol().value_or(""))});
    }
  }
  return response;
}

void update(Member& member, const wire::JoinGroupRequest& request, Token token) {
  member.rebalance_timeout_ms =
      request.rebalance_timeout_ms < 0 ? request.session_timeout_ms : request.rebalance_timeout_ms;
  member.session_timeout_ms = request.session_timeout_ms;
  member.join = token;
}

}  // namespace

Step Coordinator::join(const wire::JoinGroupRequest& request, const Asker& asker, Token token, Now now) {
  Step step{.group = request.group_id};
  if (request.group_id.empty()) return answer(step, token, ErrorCode::invalid_group_id, request.member_id), step;
  if (request.session_timeout_ms < options_.session_timeout_ms_min ||
      request.session_timeout_ms > options_.session_timeout_ms_max) {
    return answer(step, token, ErrorCode::invalid_session_timeout, request.member_id), step;
  }
  Entry* entry = find(request.group_id);
  if (!entry && !request.member_id.empty()) {
    return answer(step, token, ErrorCode::unknown_member_id, request.member_id), step;
  }
  if (!entry) entry = &find_or_create(request.group_id);
  if (!admits(entry->group, request.member_id)) {
    entry->group.remove(request.member_id);
    entry->group.pending_ids.erase(request.member_id);
    answer(step, token, ErrorCode::group_max_size_reached, "");
    complete_join_if_all_came(*entry, step, now);
  } else if (entry->group.is(ClassicGroup::State::dead)) {
    answer(step, token, ErrorCode::coordinator_not_available, request.member_id);
  } else if (!entry->group.supports(request.protocol_type, protocols_of(request))) {
    answer(step, token, ErrorCode::inconsistent_group_protocol, request.member_id);
  } else if (request.member_id.empty()) {
    join_as_new(*entry, request, asker, step, token, now);
  } else {
    join_as_existing(*entry, request, asker, step, token, now);
  }
  index_deadline(*entry);
  return step;
}

bool Coordinator::admits(const ClassicGroup& group, const std::string& member_id) const {
  using enum ClassicGroup::State;
  const auto& members = group.members();
  const auto present = std::ranges::find(members, member_id, &Member::id);
  const auto limit = static_cast<size_t>(options_.group_size_max);
  switch (group.state()) {
    case preparing_rebalance:
      return (present != members.end() && present->join) || group.waiting_joins() < limit;
    case completing_rebalance:
    case stable: return present != members.end() || members.size() < limit;
    case empty:
    case dead: break;
  }
  return true;
}

/// No longer than a string of a record may be, whatever clients call themselves.
std::string Coordinator::new_member_id(const std::string& prefix) {
  const std::string unique = "-" + Uuid::random(rng_).hex();
  return prefix.substr(0, std::numeric_limits<int16_t>::max() - unique.size()) + unique;
}

void Coordinator::join_as_new(Entry& entry, const wire::JoinGroupRequest& request, const Asker& asker,
                              Step& step, Token token, Now now) {
  if (request.group_instance_id) {
    if (Member* member = entry.group.find_static(*request.group_instance_id)) {
      return rejoin_static(entry, *member, request, asker, step, token, now);
    }
    return add_member(entry, request, asker, new_member_id(*request.group_instance_id), step, token, now);
  }
  std::string member_id = new_member_id(asker.client_id);
  if (asker.version < member_id_required_since) {
    return add_member(entry, request, asker, std::move(member_id), step, token, now);
  }
  entry.group.pending_ids.add(member_id, now.steady_ms + request.session_timeout_ms);
  answer(step, token, ErrorCode::member_id_required, std::move(member_id));
}

void Coordinator::join_as_existing(Entry& entry, const wire::JoinGroupRequest& request, const Asker& asker,
                                   Step& step, Token token, Now now) {
  using enum ClassicGroup::State;
  ClassicGroup& group = entry.group;
  if (group.pending_ids.contains(request.member_id)) {
    // Ids are not given to static members, who need none: no client asks this.
    if (request.group_instance_id)
      return answer(step, token, ErrorCode::unknown_server_error, request.member_id);
    group.pending_ids.erase(request.member_id);
    return add_member(entry, request, asker, request.member_id, step, token, now);
  }
  if (const ErrorCode code = check_member(group, request.member_id, request.group_instance_id); code != ErrorCode::none) {
    return answer(step, token, code, request.member_id);
  }
  Member& member = *group.find(request.member_id);
  const bool unchanged = member.protocols == protocols_of(request);
  switch (group.state()) {
    case preparing_rebalance:
      return rejoin(entry, member, request, step, token, now);
    case completing_rebalance:
      if (!unchanged) return rejoin(entry, member, request, step, token, now);
      break;  // its answer was lost: the same again
    case stable:
      if (group.leader() == member.id || !unchanged) return rejoin(entry, member, request, step, token, now);
      break;
    case empty:
    case dead: return answer(step, token, ErrorCode::unknown_member_id, request.member_id);
  }
  renew_session(member, now);
  step.answers.push_back({token, present_generation(group, member)});
}

void Coordinator::add_member(Entry& entry, const wire::JoinGroupRequest& request, const Asker& asker,
                             std::string member_id, Step& step, Token token, Now now) {
  ClassicGroup& group = entry.group;
  Member member;
  member.id = std::move(member_id);
  member.instance_id = request.group_instance_id;
  member.client_id = asker.client_id;
  member.client_host = asker.client_host;
  member.is_new = true;
  member.protocols = protocols_of(request);
  update(member, request, token);
  // Its answer may be long in coming, and there is no heartbeat before it (G18).
  member.session_deadline_ms = now.steady_ms + new_member_join_timeout_ms;
  if (group.in_initial_delay) group.member_added_during_delay = true;
  group.add(std::move(member), request.protocol_type);
  prepare_or_complete(entry, step, now);
}

void Coordinator::rejoin(Entry& entry, Member& member, const wire::JoinGroupRequest& request, Step& step,
                         Token token, Now now) {
  // A client that asks again, with its first request still waiting, hears an answer to that one too.
  if (member.join) answer(step, *member.join, ErrorCode::unknown_member_id, member.id);
  entry.group.set_protocols(member, protocols_of(request));
  update(member, request, token);
  prepare_or_complete(entry, step, now);
}

// A static member came back without its id: it takes over its own place, and whoever holds the old id is fenced.
void Coordinator::rejoin_static(Entry& entry, Member& member, const wire::JoinGroupRequest& request,
                                const Asker& asker, Step& step, Token token, Now now) {
  using enum ClassicGroup::State;
  ClassicGroup& group = entry.group;
  const std::string old_leader = group.leader();
  const std::optional<std::string> old_protocol = group.protocol();
  if (member.join) answer(step, *member.join, ErrorCode::fenced_instance_id, member.id);
  if (member.sync) {
    step.answers.push_back({*member.sync, wire::SyncGroupResponse{.error_code = ErrorCode::fenced_instance_id}});
    member.sync.reset();
  }
  group.replace_id(member, new_member_id(*request.group_instance_id));
  member.client_id = asker.client_id;
  member.client_host = asker.client_host;
  group.set_protocols(member, protocols_of(request));
  update(member, request, token);
  renew_session(member, now);
  if (!group.is(stable) || group.select_protocol() != old_protocol)
    return prepare_or_complete(entry, step, now);

  // Nothing changed but the id: no rebalance. The log learns the id; the leader is spared a new assignment.
  member.join.reset();
  step.records.push_back(group_record(group.id(), group.to_record({})));
  wire::JoinGroupResponse response = present_generation(group, member);
  if (group.leader() == member.id) {
    if (asker.version >= skip_assignment_since) {
      response.skip_assignment = true;
    } else {
      response.leader = old_leader;  // so that it does not make an assignment that would be ignored
      response.members.clear();
    }
  }
  step.answers.push_back({token, std::move(response)});
}

}  // namespace kt::group
