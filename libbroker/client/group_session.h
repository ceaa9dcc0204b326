#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "libbroker/client/cluster.h"
#include "libbroker/client/coordinator.h"
#include "libbroker/client/group_offsets.h"
#include "libbroker/consuming/membership.h"

namespace kt::client {

/// Carries out what a Membership decides: requests to the coordinator, one at a time of each kind, and calls
/// to the consumer. The coordinator outlives it.
class GroupSession {
 public:
  struct Calls {
    std::function<void(const consuming::Revoke&)> revoke;  // answered by revoked()
    std::function<void(const consuming::Assigned&)> assigned;
    std::function<void()> progressed;  // may destroy this
  };
  GroupSession(Cluster& cluster, Coordinator& coordinator, consuming::Membership::Options options,
               Calls calls);

  void subscribe(std::set<std::string> topics);
  bool is_subscribed() const { return is_subscribed_; }
  /// Partition counts may have changed.
  void on_topology();
  void polled() { membership_.polled(now_ms()); }
  /// Does what is due. `may_rebalance`: whether the consumer can lose partitions now.
  void pump(bool may_rebalance);
  void revoked() { membership_.revoked(); }
  void on_commit_error(ErrorCode code) { membership_.on_commit_error(code); }
  int64_t deadline_ms(bool may_rebalance) const { return membership_.deadline_ms(may_rebalance); }

  const consuming::Membership& membership() const { return membership_; }
  const Error& failure() const { return membership_.failure(); }
  Committer committer() const;
  /// Leaves the group; `then` is called when the coordinator knows, or cannot be told.
  void leave(Then<void> then);

 private:
  int64_t now_ms() const { return cluster_.clock().monotonic_ms(); }
  void perform(consuming::Revoke& revoke) { calls_.revoke(revoke); }
  void perform(consuming::Assigned& assigned) { calls_.assigned(assigned); }
  void perform(consuming::AskCounts& ask);
  void perform(wire::JoinGroupRequest& request);
  void perform(wire::SyncGroupRequest& request);
  void perform(wire::HeartbeatRequest& request);
  void perform(wire::LeaveGroupRequest& request);
  template <class Response, class Request>
  void send(Request request, int64_t timeout_ms,
            void (consuming::Membership::*answered)(const Result<Response>&, int64_t));
  consuming::PartitionCounts counts() const;

  Cluster& cluster_;
  Coordinator& coordinator_;
  const Calls calls_;
  const int64_t rebalance_timeout_ms_;
  const std::optional<std::string> instance_id_;
  consuming::Membership membership_;
  bool is_subscribed_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::client
