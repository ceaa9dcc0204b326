#include "libbroker/client/group_session.h"

#include <utility>

namespace kt::client {
namespace {

using consuming::Membership;

constexpr int16_t leave_version_of_one_member = 2;
constexpr int64_t rebalance_grace_ms = 5'000;  // a join may take the rebalance timeout, and a little more

/// Errors that the coordinator's place causes; all others are the membership's.
template <class Response>
ErrorCode lost_coordinator(const Response& response) {
  return is_coordinator_lost(response.error_code) ? response.error_code : ErrorCode::none;
}

}  // namespace

GroupSession::GroupSession(Cluster& cluster, Coordinator& coordinator, Membership::Options options,
                           Calls calls)
    : cluster_(cluster),
      coordinator_(coordinator),
      calls_(std::move(calls)),
      rebalance_timeout_ms_(options.poll_interval_ms_max + rebalance_grace_ms),
      instance_id_(options.instance_id),
      membership_(std::move(options)) {}

void GroupSession::subscribe(std::set<std::string> topics) {
  is_subscribed_ = true;
  membership_.subscribe(std::move(topics));
}

Committer GroupSession::committer() const {
  return {membership_.generation_id(), membership_.member_id(), instance_id_};
}

void GroupSession::pump(bool may_rebalance) {
  const std::weak_ptr<bool> alive = alive_;
  while (!alive.expired()) {
    Membership::Action action = membership_.poll(now_ms(), may_rebalance);
    if (std::holds_alternative<std::monostate>(action)) return;
    std::visit(
        [this](auto& what) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, std::monostate>) perform(what);
        },
        action);
  }
}

template <class Response, class Request>
void GroupSession::send(Request request, int64_t timeout_ms,
                        void (Membership::*answered)(const Result<Response>&, int64_t)) {
  coordinator_.call<Response>(std::move(request), lost_coordinator<Response>, 0,
                              [this, alive = std::weak_ptr(alive_), answered](Result<Response> response) {
                                if (alive.expired()) return;
                                (membership_.*answered)(response, now_ms());
                                calls_.progressed();
                              },
                              {.timeout_ms = timeout_ms});
}

void GroupSession::perform(wire::JoinGroupRequest& request) {
  send(std::move(request), std::max(cluster_.options().request_timeout_ms, rebalance_timeout_ms_),
       &Membership::on_join);
}

void GroupSession::perform(wire::SyncGroupRequest& request) {
  send(std::move(request), std::max(cluster_.options().request_timeout_ms, rebalance_timeout_ms_),
       &Membership::on_sync);
}

void GroupSession::perform(wire::HeartbeatRequest& request) {
  send(std::move(request), cluster_.options().request_timeout_ms, &Membership::on_heartbeat);
}

void GroupSession::perform(wire::LeaveGroupRequest& request) {
  coordinator_.call<wire::LeaveGroupResponse>(std::move(request), lost_coordinator<wire::LeaveGroupResponse>,
                                              0, [](Result<wire::LeaveGroupResponse>) {},
                                              {.version_max = leave_version_of_one_member});
}

void GroupSession::perform(consuming::AskCounts& ask) {
  cluster_.refresh(std::vector<std::string>(ask.topics.begin(), ask.topics.end()), false,
                   [this, alive = std::weak_ptr(alive_), topics = ask.topics](Result<const Topology*>) {
                     if (alive.expired()) return;
                     consuming::PartitionCounts of_the_group;
                     for (const auto& [topic, count] : counts()) {
                       if (topics.contains(topic)) of_the_group.emplace(topic, count);
                     }
                     membership_.counted(of_the_group);
                     calls_.progressed();
                   });
}

void GroupSession::on_topology() { membership_.counts_changed(counts()); }

consuming::PartitionCounts GroupSession::counts() const {
  consuming::PartitionCounts counts;
  for (const auto& [name, topic] : cluster_.topology().topics) {
    if (!topic.partitions.empty()) counts.emplace(name, static_cast<int32_t>(topic.partitions.size()));
  }
  return counts;
}

void GroupSession::leave(Then<void> then) {
  auto request = membership_.leave();
  if (!request) return cluster_.loop().post([then = std::move(then)]() mutable { then({}); });
  coordinator_.call<wire::LeaveGroupResponse>(
      std::move(*request), [](const wire::LeaveGroupResponse& response) { return response.error_code; }, 0,
      [then = std::move(then)](Result<wire::LeaveGroupResponse> response) mutable {
        if (!response) return then(fail(response.error()));
        then({});
      },
      {.version_max = leave_version_of_one_member});
}

}  // namespace kt::client
