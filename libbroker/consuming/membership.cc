#include "libbroker/consuming/membership.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/consuming/protocol.h"
#include "libbroker/wire/codec.h"

namespace kt::consuming {
namespace {

constexpr const char* protocol_type = "consumer";

std::set<TopicPartition> without(const std::set<TopicPartition>& from, const std::set<TopicPartition>& what) {
  std::set<TopicPartition> rest;
  std::ranges::set_difference(from, what, std::inserter(rest, rest.end()));
  return rest;
}

bool all_cooperative(const std::vector<const Assignor*>& assignors) {
  return std::ranges::all_of(assignors, [](const Assignor* a) { return a->is_cooperative(); });
}

GroupMember member_of(const wire::JoinGroupResponse::JoinGroupResponseMember& told) {
  wire::ConsumerProtocolSubscription subscription = decode_subscription(told.metadata);
  const Slice& data = subscription.user_data;
  return {.id = told.member_id,
          .instance_id = told.group_instance_id,
          .topics = std::move(subscription.topics),
          .owned = flat(subscription.owned_partitions),
          .generation = subscription.generation_id,
          .user_data = data.is_null() ? Slice{} : Slice::copy(data.bytes)};
}

}  // namespace

Membership::Membership(Options options)
    : options_(std::move(options)), is_cooperative_(all_cooperative(options_.assignors)) {
  KT_ASSERT(!options_.assignors.empty());
}

void Membership::subscribe(std::set<std::string> topics) {
  if (state_ == State::idle) {
    topics_ = std::move(topics);
    return enter(State::unjoined);
  }
  if (topics == topics_) return;
  topics_ = std::move(topics);
  needs_join_ = true;
}

void Membership::polled(int64_t now_ms) {
  polled_ms_ = now_ms;
  if (state_ == State::expired) enter(State::unjoined);
}

void Membership::enter(State state, int64_t at_ms) {
  state_ = state;
  is_asked_ = false;
  retry_at_ms_ = at_ms;
}

Membership::Action Membership::poll(int64_t now_ms, bool may_rebalance) {
  const bool is_member = state_ == State::stable || state_ == State::assigned || state_ == State::revoking;
  if (is_member && now_ms - polled_ms_ > options_.poll_interval_ms_max) {
    const auto request = leave();
    forget_generation(true);
    enter(State::expired);
    if (request) return *request;
    return {};
  }
  if (is_member && is_beat_due(now_ms)) {
    is_beating_ = true;
    return heartbeat_request();
  }
  if (is_asked_ || now_ms < retry_at_ms_) return {};
  switch (state_) {
    case State::unjoined:
      return may_rebalance ? begin_join() : Action{};
    case State::assigned:
      return may_rebalance ? give_assignment() : Action{};
    case State::stable:
      return needs_join_ && may_rebalance ? begin_join() : Action{};
    case State::joining:
      return ask_to_join();
    case State::counting:
      is_asked_ = true;
      return AskCounts{watched_topics()};
    case State::syncing:
      is_asked_ = true;
      return sync_request();
    default:
      return {};
  }
}

int64_t Membership::deadline_ms(bool may_rebalance) const {
  int64_t earliest = INT64_MAX;
  if (state_ == State::stable || state_ == State::assigned || state_ == State::revoking) {
    earliest = polled_ms_ + options_.poll_interval_ms_max + 1;
    if (!is_beating_ && generation_id_ >= 0) earliest = std::min(earliest, next_beat_ms_);
  }
  const bool waits =
      (state_ == State::unjoined && may_rebalance) || state_ == State::joining || state_ == State::syncing;
  if (waits && !is_asked_) earliest = std::min(earliest, retry_at_ms_);
  return earliest;
}

bool Membership::is_beat_due(int64_t now_ms) const {
  return generation_id_ >= 0 && !is_beating_ && now_ms >= next_beat_ms_;
}

Membership::Action Membership::begin_join() {
  std::set<TopicPartition> going;
  for (const TopicPartition& p : owned_) {
    if (is_lost_ || !is_cooperative_ || !topics_.contains(p.topic)) going.insert(p);
  }
  if (!going.empty()) return revoke(std::move(going), State::joining);
  is_lost_ = false;
  enter(State::joining);
  return ask_to_join();
}

Membership::Action Membership::ask_to_join() {
  is_asked_ = true;
  needs_join_ = false;
  return join_request();
}

Membership::Action Membership::give_assignment() {
  std::set<TopicPartition> going = without(owned_, next_owned_);
  if (!going.empty()) {
    needs_join_ = true;  // what was given up can go to others only in another round
    return revoke(std::move(going), State::assigned);
  }
  Assigned assigned{next_owned_, without(next_owned_, owned_)};
  owned_ = next_owned_;
  enter(State::stable);
  return assigned;
}

Membership::Action Membership::revoke(std::set<TopicPartition> partitions, State after) {
  const bool was_lost = is_lost_;
  revoking_ = std::move(partitions);
  after_revoking_ = after;
  enter(State::revoking);
  is_asked_ = true;
  return Revoke{revoking_, was_lost};
}

void Membership::revoked() {
  owned_ = without(owned_, std::exchange(revoking_, {}));
  is_lost_ = is_lost_ && !owned_.empty();
  if (state_ == State::revoking) enter(after_revoking_);
}

wire::JoinGroupRequest Membership::join_request() const {
  wire::JoinGroupRequest request{.group_id = options_.group_id,
                                 .session_timeout_ms = options_.session_timeout_ms,
                                 .rebalance_timeout_ms = options_.poll_interval_ms_max,
                                 .member_id = member_id_,
                                 .group_instance_id = options_.instance_id,
                                 .protocol_type = protocol_type};
  wire::ConsumerProtocolSubscription subscription;
  subscription.topics.assign(topics_.begin(), topics_.end());
  subscription.owned_partitions =
      by_topic<wire::ConsumerProtocolSubscription::TopicPartition>({owned_.begin(), owned_.end()});
  subscription.generation_id = generation_id_;
  if (!options_.rack.empty()) subscription.rack_id = options_.rack;
  for (const Assignor* assignor : options_.assignors) {
    const auto last = last_.find(assignor->name());
    subscription.user_data = assignor->user_data(last == last_.end() ? LastAssignment{} : last->second);
    request.protocols.push_back({std::string(assignor->name()), encode_subscription(subscription)});
  }
  return request;
}

void Membership::on_join(const Result<wire::JoinGroupResponse>& response, int64_t now_ms) {
  if (state_ != State::joining) return;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code == ErrorCode::member_id_required) {
    member_id_ = response->member_id;
    return enter(State::joining);
  }
  if (code != ErrorCode::none) return on_join_error(code, now_ms);

  member_id_ = response->member_id;
  generation_id_ = response->generation_id;
  is_leader_ = response->leader == response->member_id;
  skips_assignment_ = response->skip_assignment;
  members_.clear();
  counted_.reset();
  assignment_.clear();
  chosen_ = find_assignor(response->protocol_name.value_or(""));
  if (!chosen_) return fail_for_good(ErrorCode::inconsistent_group_protocol);
  if (!is_leader_) return enter(State::syncing);
  try {
    for (const auto& member : response->members) members_.push_back(member_of(member));
  } catch (const wire::DecodeError&) {  // of a member that speaks no consumer protocol
    return fail_for_good(ErrorCode::inconsistent_group_protocol);
  }
  enter(State::counting);
}

void Membership::counted(const PartitionCounts& counts) {
  if (state_ != State::counting) return;
  counted_ = counts;
  if (!skips_assignment_) assignment_ = chosen_->assign(counts, members_);
  enter(State::syncing);
}

void Membership::counts_changed(const PartitionCounts& counts) {
  if (!is_leader_ || !counted_) return;
  if (state_ != State::stable && state_ != State::assigned) return;
  const std::set<std::string> watched = watched_topics();
  PartitionCounts of_the_group;
  for (const auto& [topic, count] : counts) {
    if (watched.contains(topic)) of_the_group.emplace(topic, count);
  }
  if (of_the_group != *counted_) needs_join_ = true;
}

std::set<std::string> Membership::watched_topics() const {
  std::set<std::string> watched = topics_;
  if (is_leader_) {
    for (const GroupMember& member : members_) watched.insert(member.topics.begin(), member.topics.end());
  }
  return watched;
}

wire::SyncGroupRequest Membership::sync_request() const {
  wire::SyncGroupRequest request{.group_id = options_.group_id,
                                 .generation_id = generation_id_,
                                 .member_id = member_id_,
                                 .group_instance_id = options_.instance_id,
                                 .protocol_type = protocol_type,
                                 .protocol_name = std::string(chosen_->name())};
  for (const auto& [member, partitions] : assignment_) {
    request.assignments.push_back({member, encode_assignment(partitions)});
  }
  return request;
}

void Membership::on_sync(const Result<wire::SyncGroupResponse>& response, int64_t now_ms) {
  if (state_ != State::syncing) return;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code != ErrorCode::none) return on_join_error(code, now_ms);
  std::vector<TopicPartition> partitions;
  try {
    partitions = decode_assignment(response->assignment);
  } catch (const wire::DecodeError&) {
    return fail_for_good(ErrorCode::inconsistent_group_protocol);
  }
  last_[chosen_->name()] = {partitions, generation_id_};
  next_owned_ = {partitions.begin(), partitions.end()};
  next_beat_ms_ = now_ms + options_.heartbeat_interval_ms;
  enter(State::assigned);
}

void Membership::on_join_error(ErrorCode code, int64_t now_ms) {
  using enum ErrorCode;
  const int64_t later_ms = now_ms + options_.retry_backoff_ms;
  if (code == unknown_member_id || code == illegal_generation) {
    forget_generation(code == unknown_member_id);
    return enter(State::unjoined);
  }
  if (code == rebalance_in_progress) return enter(State::unjoined, state_ == State::joining ? later_ms : 0);
  if (!is_retriable(code)) return fail_for_good(code);
  // Whether a sync has reached the coordinator is not known; joining again is right in any case.
  enter(State::unjoined, later_ms);
}

wire::HeartbeatRequest Membership::heartbeat_request() const {
  return {options_.group_id, generation_id_, member_id_, options_.instance_id};
}

void Membership::on_heartbeat(const Result<wire::HeartbeatResponse>& response, int64_t now_ms) {
  is_beating_ = false;
  next_beat_ms_ = now_ms + options_.heartbeat_interval_ms;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code != ErrorCode::none && is_retriable(code)) next_beat_ms_ = now_ms + options_.retry_backoff_ms;
  on_commit_error(code);
}

void Membership::on_commit_error(ErrorCode code) {
  if (state_ != State::stable && state_ != State::assigned && state_ != State::revoking) return;
  switch (code) {
    case ErrorCode::rebalance_in_progress:
      needs_join_ = true;
      break;
    case ErrorCode::unknown_member_id:
    case ErrorCode::illegal_generation:
      forget_generation(code == ErrorCode::unknown_member_id);
      if (state_ != State::revoking) {
        enter(State::unjoined);
      } else {
        after_revoking_ = State::unjoined;
      }
      break;
    case ErrorCode::fenced_instance_id:
    case ErrorCode::group_authorization_failed:
      fail_for_good(code);
      break;
    default:
      break;
  }
}

void Membership::forget_generation(bool forgets_member_id) {
  generation_id_ = -1;
  is_leader_ = false;
  is_lost_ = !owned_.empty();
  if (forgets_member_id) member_id_.clear();
}

void Membership::fail_for_good(ErrorCode code) {
  failure_ = {code, std::string(text_of(code))};
  if (code == ErrorCode::group_max_size_reached) {
    failure_.message = fmt::format("Consumer group {} already has the configured maximum number of members.",
                                   options_.group_id);
  } else if (code == ErrorCode::group_authorization_failed) {
    failure_.message = fmt::format("Not authorized to access group: {}", options_.group_id);
  }
  enter(State::failed);
}

std::optional<wire::LeaveGroupRequest> Membership::leave() const {
  if (member_id_.empty() || options_.instance_id) return std::nullopt;
  return wire::LeaveGroupRequest{.group_id = options_.group_id, .member_id = member_id_};
}

}  // namespace kt::consuming
