#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/topic_partition.h"
#include "libbroker/consuming/assignor.h"
#include "libbroker/wire/11_join_group.h"
#include "libbroker/wire/12_heartbeat.h"
#include "libbroker/wire/13_leave_group.h"
#include "libbroker/wire/14_sync_group.h"

namespace kt::consuming {

/// Partitions to give up. `lost`: another member may have them already, so nothing is to be committed for
/// them.
struct Revoke {
  std::set<TopicPartition> partitions;
  bool lost = false;
};
/// What this member has from now on.
struct Assigned {
  std::set<TopicPartition> all, added;
};
/// The leader needs the partition counts of these topics.
struct AskCounts {
  std::set<std::string> topics;
};

/// One member of a classic group: joins, divides partitions when it leads, keeps its session, and rejoins
/// when it must. Pure: poll() says what to do next; the shell does it and says what came of it.
///
///     idle -> unjoined -> (revoking ->) joining -> (counting ->) syncing -> assigned (-> revoking ->
///     assigned) -> stable any but idle -> unjoined: must join again     any but idle -> failed: an error
///     that no retry mends stable -> expired: nobody polls               expired -> unjoined: somebody does
///
/// Eager: everything is revoked before joining. Cooperative (when every assignor is): only what the new
/// assignment takes away, after which the member joins again (KIP-429). A static member keeps its place while
/// it is away (KIP-345).
class Membership {
 public:
  struct Options {
    std::string group_id;                         // group.id
    std::optional<std::string> instance_id = {};  // group.instance.id
    std::vector<const Assignor*> assignors;  // partition.assignment.strategy, preferred first; at least one
    std::string rack = {};                   // client.rack
    int32_t session_timeout_ms = 45'000;     // session.timeout.ms
    int32_t heartbeat_interval_ms = 3'000;   // heartbeat.interval.ms
    int32_t poll_interval_ms_max = 300'000;  // max.poll.interval.ms, and the rebalance timeout
    int64_t retry_backoff_ms = 100;          // retry.backoff.ms
  };

  explicit Membership(Options options);

  /// Wants these topics from now on; a member that has joined with others joins again.
  void subscribe(std::set<std::string> topics);
  /// Joins again, for a reason of the caller's.
  void rejoin() { needs_join_ = true; }
  /// Somebody takes records: a member that nobody polls for max.poll.interval.ms leaves.
  void polled(int64_t now_ms);

  /// What to do now. Each is to be answered before the next of its kind comes: Revoke by revoked(), Assigned
  /// by nothing, AskCounts by counted(), requests by their answers; a LeaveGroupRequest (to a member nobody
  /// polls) by nothing.
  using Action = std::variant<std::monostate, Revoke, Assigned, AskCounts, wire::JoinGroupRequest,
                              wire::SyncGroupRequest, wire::HeartbeatRequest, wire::LeaveGroupRequest>;
  /// `may_rebalance`: whether now is a time for the caller to lose partitions; without it only heartbeats
  /// come.
  Action poll(int64_t now_ms, bool may_rebalance);
  /// When poll() may have something to do by itself; INT64_MAX: not before an answer, or a call of the other
  /// kind.
  int64_t deadline_ms(bool may_rebalance) const;

  void revoked();
  void counted(const PartitionCounts& counts);
  void on_join(const Result<wire::JoinGroupResponse>& response, int64_t now_ms);
  void on_sync(const Result<wire::SyncGroupResponse>& response, int64_t now_ms);
  void on_heartbeat(const Result<wire::HeartbeatResponse>& response, int64_t now_ms);
  /// A commit was answered with an error that tells of this member's standing in the group.
  void on_commit_error(ErrorCode code);

  /// Tells the leader of partition counts that may have changed.
  void counts_changed(const PartitionCounts& counts);
  /// Topics whose partition counts matter: this member's, and for the leader the whole group's.
  std::set<std::string> watched_topics() const;

  /// The request that ends the membership; none where there is nothing to end, or a static member keeps its
  /// place.
  std::optional<wire::LeaveGroupRequest> leave() const;

  bool is_stable() const { return state_ == State::stable; }
  bool is_cooperative() const { return is_cooperative_; }
  int32_t generation_id() const { return generation_id_; }
  const std::string& member_id() const { return member_id_; }
  const std::set<TopicPartition>& owned() const { return owned_; }
  /// Why it failed; code none while it has not.
  const Error& failure() const { return failure_; }

 private:
  enum class State : uint8_t {
    idle,
    unjoined,
    revoking,
    joining,
    counting,
    syncing,
    assigned,
    stable,
    expired,
    failed
  };

  Action begin_join();
  Action ask_to_join();
  Action give_assignment();
  Action revoke(std::set<TopicPartition> partitions, State after);
  bool is_beat_due(int64_t now_ms) const;
  wire::JoinGroupRequest join_request() const;
  wire::HeartbeatRequest heartbeat_request() const;
  wire::SyncGroupRequest sync_request() const;
  void enter(State state, int64_t at_ms = 0);
  void forget_generation(bool forgets_member_id);
  void fail_for_good(ErrorCode code);
  /// Errors of a request that belongs to joining: tried again, or joined anew, or failed.
  void on_join_error(ErrorCode code, int64_t now_ms);

  const Options options_;
  const bool is_cooperative_;
  State state_ = State::idle;
  State after_revoking_ = State::joining;
  bool is_asked_ = false;  // the action of this state was given out
  int64_t retry_at_ms_ = 0;
  std::set<std::string> topics_;
  bool needs_join_ = false;
  bool is_lost_ = false;  // what is owned may be another's by now
  std::string member_id_;
  int32_t generation_id_ = -1;
  std::set<TopicPartition> owned_, next_owned_, revoking_;
  std::map<std::string_view, LastAssignment> last_;  // by assignor
  Error failure_;

  const Assignor* chosen_ = nullptr;
  bool is_leader_ = false;
  bool skips_assignment_ = false;
  std::vector<GroupMember> members_;        // for the leader
  std::optional<PartitionCounts> counted_;  // what the leader assigned from
  GroupAssignment assignment_;              // for the leader, until it was sent

  bool is_beating_ = false;
  int64_t next_beat_ms_ = 0;
  int64_t polled_ms_ = 0;
};

}  // namespace kt::consuming
