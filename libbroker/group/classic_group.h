#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/group/pending_ids.h"
#include "libbroker/group/types.h"
#include "libbroker/wire/group_records.h"

namespace kt::group {

/// One member of a classic group. What it keeps of a request is copied.
struct Member {
  struct Protocol {
    std::string name;
    Slice metadata;
    bool operator==(const Protocol&) const = default;
  };
  std::string id;
  std::optional<std::string> instance_id;  // KIP-345: a static member
  std::string client_id, client_host;
  int32_t session_timeout_ms = 0, rebalance_timeout_ms = 0;
  std::vector<Protocol> protocols;  // by preference; the group's set_protocols() changes them
  Slice assignment = Slice::empty();

  // Soft: dies with the coordinator.
  std::optional<Token> join, sync;         // requests that wait
  bool is_new = false;                     // has not completed a join yet: its session is longer
  int64_t session_deadline_ms = never_ms;

  bool supports(std::string_view protocol) const;
  Slice metadata_of(std::string_view protocol) const;
  bool waits() const { return join.has_value() || sync.has_value(); }
};

/// A group of the classic protocol: who is in it and what state it is in. It decides nothing about requests; the
/// coordinator does. Transitions, made only by the become_ functions (semantics G10):
///   Empty, Completing, Stable -> Preparing; Preparing -> Completing | Empty; Completing -> Stable;
///   any -> Dead.
class ClassicGroup {
 public:
  enum class State { empty, preparing_rebalance, completing_rebalance, stable, dead };

  explicit ClassicGroup(std::string id) : id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  State state() const { return state_; }
  bool is(State state) const { return state_ == state; }
  State previous_state() const { return previous_state_; }
  std::string_view state_name() const;
  int32_t generation() const { return generation_; }
  const std::string& protocol_type() const { return protocol_type_; }
  const std::optional<std::string>& protocol() const { return protocol_; }
  const std::string& leader() const { return leader_; }
  /// When it entered its state, for the expiry of empty groups' offsets.
  int64_t state_since_ms() const { return state_since_ms_; }

  /// Members in the order they came.
  std::vector<Member>& members() { return members_; }
  const std::vector<Member>& members() const { return members_; }
  Member* find(std::string_view member_id);
  Member* find_static(std::string_view instance_id);
  size_t waiting_joins() const;

  void add(Member member, std::string_view protocol_type);
  void remove(std::string_view member_id);
  /// A static member came back under a new id and keeps its place.
  void replace_id(Member& member, std::string new_id);
  void set_protocols(Member& member, std::vector<Member::Protocol> protocols);

  /// Whether every member, if there are any, could follow one of these protocols too.
  bool supports(std::string_view protocol_type, const std::vector<Member::Protocol>& protocols) const;
  /// Every member votes for its first preference among those that all support (G14a). Needs members.
  std::string select_protocol() const;
  /// The present leader if it waits in join, else the first member that does; false when none does.
  bool elect_leader_among_joined();
  int32_t rebalance_timeout_ms() const;  // the longest of the members'
  bool all_members_joined() const { return waiting_joins() == members_.size() && pending_ids.empty(); }
  /// Whether a member of a consumer group is subscribed to the topic; assumed where it cannot be told.
  bool is_subscribed_to(const std::string& topic) const;
  bool uses_consumer_protocol() const { return protocol_type_ == "consumer"; }

  void become_preparing(Now now);
  /// The next generation: completing, or empty when no member is left.
  void become_next_generation(Now now);
  void become_stable(Now now);
  void become_dead(Now now);
  /// It has asked for its assignment; when all have, nobody is waited for any more.
  void synced(const std::string& member_id);

  /// The record of this group; `assignments` by member id stand in for the members' own.
  wire::GroupMetadataValue to_record(const std::map<std::string, Slice, std::less<>>& assignments) const;
  /// What the log says: the state after a completed rebalance. Members that are here keep what it does not
  /// tell: who waits, sessions, and the protocols that were not chosen.
  void install(const wire::GroupMetadataValue& value, Now now);

  // Soft state of a rebalance, kept by the coordinator. Deadlines in ms, never_ms when off.
  PendingIds pending_ids;                            // member ids given out
  std::set<std::string, std::less<>> pending_syncs;  // who has joined but not yet synced
  int64_t rebalance_deadline_ms = never_ms;
  int64_t initial_delay_left_ms = 0;  // by how much the first rebalance may still be put off
  bool in_initial_delay = false;
  bool member_added_during_delay = false;
  int64_t sync_deadline_ms = never_ms;

  /// The earliest deadline of all.
  int64_t deadline_ms() const;

 private:
  void transition(State to, Now now);
  void count_in(const Member& member);
  void count_out(const Member& member);
  bool all_support(std::string_view protocol) const;

  const std::string id_;
  State state_ = State::empty, previous_state_ = State::dead;
  int64_t state_since_ms_ = 0;
  int32_t generation_ = 0;
  std::string protocol_type_;
  std::optional<std::string> protocol_;
  std::string leader_;
  std::vector<Member> members_;
  std::map<std::string, size_t, std::less<>> supporters_;  // how many members a protocol has
};

}  // namespace kt::group
