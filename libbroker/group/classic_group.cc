#include "libbroker/group/classic_group.h"

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/wire/consumer_protocol.h"
#include "libbroker/wire/decoder.h"

namespace kt::group {
namespace {

// Topics of a ConsumerProtocolSubscription: int16 version, then the message; none when it does not decode.
std::optional<std::vector<std::string>> subscribed_topics(const Slice& metadata) {
  try {
    wire::Decoder prefix(metadata, 0, false);
    int16_t version = 0;
    prefix.value(version);
    version = std::min(version, wire::ConsumerProtocolSubscription::max_version);
    return wire::decode<wire::ConsumerProtocolSubscription>(prefix.rest(), version).topics;
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
}

// Each once, however often a member names it.
std::set<std::string_view> names_of(const std::vector<Member::Protocol>& protocols) {
  std::set<std::string_view> names;
  for (const auto& protocol : protocols) names.insert(protocol.name);
  return names;
}

}  // namespace

bool Member::supports(std::string_view protocol) const {
  return std::ranges::find(protocols, protocol, &Protocol::name) != protocols.end();
}

Slice Member::metadata_of(std::string_view protocol) const {
  const auto found = std::ranges::find(protocols, protocol, &Protocol::name);
  return found != protocols.end() ? found->metadata : Slice::empty();
}

std::string_view ClassicGroup::state_name() const {
  switch (state_) {
    case State::empty: return "Empty";
    case State::preparing_rebalance: return "PreparingRebalance";
    case State::completing_rebalance: return "CompletingRebalance";
    case State::stable: return "Stable";
    case State::dead: break;
  }
  return "Dead";
}

Member* ClassicGroup::find(std::string_view member_id) {
  const auto found = std::ranges::find(members_, member_id, &Member::id);
  return found != members_.end() ? &*found : nullptr;
}

Member* ClassicGroup::find_static(std::string_view instance_id) {
  const auto found = std::ranges::find_if(members_, [&](const Member& m) { return m.instance_id == instance_id; });
  return found != members_.end() ? &*found : nullptr;
}

size_t ClassicGroup::waiting_joins() const {
  return static_cast<size_t>(std::ranges::count_if(members_, [](const Member& m) { return m.join.has_value(); }));
}

void ClassicGroup::add(Member member, std::string_view protocol_type) {
  KT_ASSERT(find(member.id) == nullptr);
  if (members_.empty()) protocol_type_ = protocol_type;
  if (leader_.empty()) leader_ = member.id;
  count_in(member);
  members_.push_back(std::move(member));
}

void ClassicGroup::remove(std::string_view member_id) {
  const auto found = std::ranges::find(members_, member_id, &Member::id);
  if (found == members_.end()) return;
  const bool led = found->id == leader_;
  pending_syncs.erase(found->id);
  count_out(*found);
  members_.erase(found);
  if (led) leader_ = members_.empty() ? "" : members_.front().id;
}

void ClassicGroup::replace_id(Member& member, std::string new_id) {
  if (leader_ == member.id) leader_ = new_id;
  if (pending_syncs.erase(member.id) > 0) pending_syncs.insert(new_id);
  member.id = std::move(new_id);
}

void ClassicGroup::set_protocols(Member& member, std::vector<Member::Protocol> protocols) {
  count_out(member);
  member.protocols = std::move(protocols);
  count_in(member);
}

void ClassicGroup::count_in(const Member& member) {
  for (const std::string_view name : names_of(member.protocols)) ++supporters_[std::string(name)];
}

void ClassicGroup::count_out(const Member& member) {
  for (const std::string_view name : names_of(member.protocols)) {
    const auto found = supporters_.find(name);
    KT_ASSERT(found != supporters_.end());
    if (--found->second == 0) supporters_.erase(found);
  }
}

bool ClassicGroup::all_support(std::string_view protocol) const {
  const auto found = supporters_.find(protocol);
  return found != supporters_.end() && found->second == members_.size();
}

bool ClassicGroup::supports(std::string_view protocol_type, const std::vector<Member::Protocol>& protocols) const {
  if (protocol_type.empty() || protocols.empty()) return false;
  if (members_.empty()) return true;
  if (protocol_type != protocol_type_) return false;
  return std::ranges::any_of(protocols, [&](const Member::Protocol& p) { return all_support(p.name); });
}

std::string ClassicGroup::select_protocol() const {
  KT_ASSERT(!members_.empty());
  std::map<std::string_view, size_t> votes;
  for (const Member& voter : members_) {
    const auto choice = std::ranges::find_if(
        voter.protocols, [&](const Member::Protocol& protocol) { return all_support(protocol.name); });
    if (choice != voter.protocols.end()) ++votes[choice->name];
  }
  KT_ASSERT(!votes.empty());
  return std::string(std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first);
}

bool ClassicGroup::elect_leader_among_joined() {
  if (const Member* present = find(leader_); present && present->join) return true;
  const auto joined = std::ranges::find_if(members_, [](const Member& m) { return m.join.has_value(); });
  if (joined == members_.end()) return false;
  leader_ = joined->id;
  return true;
}

int32_t ClassicGroup::rebalance_timeout_ms() const {
  int32_t longest = 0;
  for (const Member& m : members_) longest = std::max(longest, m.rebalance_timeout_ms);
  return longest;
}

bool ClassicGroup::is_subscribed_to(const std::string& topic) const {
  if (!uses_consumer_protocol()) return false;
  if (!protocol_) return generation_ == 0;  // in the first rebalance nobody knows yet; later nobody was left
  return std::ranges::any_of(members_, [&](const Member& m) {
    const auto topics = subscribed_topics(m.metadata_of(*protocol_));
    return !topics || std::ranges::find(*topics, topic) != topics->end();
  });
}

void ClassicGroup::transition(State to, Now now) {
  previous_state_ = state_;
  state_ = to;
  state_since_ms_ = now.wall_ms;
}

void ClassicGroup::become_preparing(Now now) {
  KT_ASSERT(is(State::empty) || is(State::completing_rebalance) || is(State::stable));
  sync_deadline_ms = never_ms;
  pending_syncs.clear();
  transition(State::preparing_rebalance, now);
}

void ClassicGroup::become_next_generation(Now now) {
  KT_ASSERT(is(State::preparing_rebalance));
  rebalance_deadline_ms = never_ms;
  in_initial_delay = false;
  ++generation_;
  if (members_.empty()) {
    protocol_.reset();
    leader_.clear();
    transition(State::empty, now);
  } else {
    protocol_ = select_protocol();
    transition(State::completing_rebalance, now);
  }
}

void ClassicGroup::become_stable(Now now) {
  KT_ASSERT(is(State::completing_rebalance) || is(State::stable) || is(State::empty));
  sync_deadline_ms = never_ms;
  pending_syncs.clear();
  transition(State::stable, now);
}

void ClassicGroup::synced(const std::string& member_id) {
  pending_syncs.erase(member_id);
  if (pending_syncs.empty()) sync_deadline_ms = never_ms;
}

void ClassicGroup::become_dead(Now now) { transition(State::dead, now); }

wire::GroupMetadataValue ClassicGroup::to_record(const std::map<std::string, Slice, std::less<>>& assignments) const {
  wire::GroupMetadataValue value;
  value.protocol_type = protocol_type_;
  value.generation = generation_;
  value.protocol = protocol_;
  value.leader = leader_.empty() ? std::nullopt : std::optional(leader_);  // "" would be a leader that never joins
  value.current_state_timestamp = state_since_ms_;
  for (const Member& m : members_) {
    const auto given = assignments.find(m.id);
    value.members.push_back({.member_id = m.id,
                             .group_instance_id = m.instance_id,
                             .client_id = m.client_id,
                             .client_host = m.client_host,
                             .rebalance_timeout = m.rebalance_timeout_ms,
                             .session_timeout = m.session_timeout_ms,
                             .subscription = m.metadata_of(protocol_.value_or("")),
                             .assignment = given != assignments.end() ? given->second : m.assignment});
  }
  return value;
}

void ClassicGroup::install(const wire::GroupMetadataValue& value, Now now) {
  const std::string protocol = value.protocol.value_or("");
  std::vector<Member> installed;
  for (const auto& stored : value.members) {
    Member member;
    if (Member* present = find(stored.member_id)) {
      member = std::move(*present);
    } else {
      member.id = stored.member_id;
      member.session_deadline_ms = now.steady_ms + stored.session_timeout;
    }
    member.instance_id = stored.group_instance_id;
    member.client_id = stored.client_id;
    member.client_host = stored.client_host;
    member.session_timeout_ms = stored.session_timeout;
    member.rebalance_timeout_ms =
        stored.rebalance_timeout < 0 ? stored.session_timeout : stored.rebalance_timeout;
    // Who joined here has named this protocol among others. Of a member in the log its newest record is all
    // that is known: it may have come with another protocol, or other topics, than in the generation before.
    if (!member.supports(protocol) || member.metadata_of(protocol) != stored.subscription)
      member.protocols = {{protocol, Slice::copy(stored.subscription.bytes)}};
    member.assignment = Slice::copy(stored.assignment.bytes);
    installed.push_back(std::move(member));
  }
  members_ = std::move(installed);
  supporters_.clear();
  for (const Member& m : members_) count_in(m);
  protocol_type_ = value.protocol_type;
  // Who has joined this generation and not synced is still waited for (G17c).
  std::erase_if(pending_syncs,
                [&](const std::string& id) { return value.generation != generation_ || !find(id); });
  if (pending_syncs.empty()) sync_deadline_ms = never_ms;
  generation_ = value.generation;
  protocol_ = value.protocol;
  leader_ = value.leader.value_or("");
  transition(members_.empty() ? State::empty : State::stable, now);
  if (value.current_state_timestamp >= 0) state_since_ms_ = value.current_state_timestamp;
}

int64_t ClassicGroup::deadline_ms() const {
  int64_t earliest = std::min({rebalance_deadline_ms, sync_deadline_ms, pending_ids.deadline_ms()});
  for (const Member& m : members_) {
    if (m.is_new || !m.waits()) earliest = std::min(earliest, m.session_deadline_ms);
  }
  return earliest;
}

}  // namespace kt::group
