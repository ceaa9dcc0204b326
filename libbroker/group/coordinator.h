#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/group/classic_group.h"
#include "libbroker/group/types.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/15_describe_groups.h"
#include "libbroker/wire/16_list_groups.h"

namespace kt::group {

/// All groups of one `__consumer_offsets` partition: classic membership (KIP-62, 134, 345, 394) and committed
/// offsets. Pure: requests and a time in, a Step out. What must survive a failover changes only by apply();
/// what need not (waiting requests, session clocks, ids given out) changes in the step itself and dies with
/// the object.
class Coordinator {
 public:
  Coordinator(Options options, uint64_t seed) : options_(options), rng_(seed) {}

  /// Who asks, as the group remembers it.
  struct Asker {
    std::string client_id, client_host;
    int16_t version = 0;
  };
  Step join(const wire::JoinGroupRequest& request, const Asker& asker, Token token, Now now);
  Step sync(const wire::SyncGroupRequest& request, Token token, Now now);
  Step heartbeat(const wire::HeartbeatRequest& request, Token token, Now now);
  Step leave(const wire::LeaveGroupRequest& request, int16_t version, Token token, Now now);

  /// Topics and partitions have been checked by the caller; those it refused stand in `refused` and are answered so.
  using Refused = std::function<ErrorCode(const std::string& topic, int32_t partition)>;
  Step commit(const wire::OffsetCommitRequest& request, int16_t version, const Refused& refused, Token token,
              Now now);
  Step delete_offsets(const wire::OffsetDeleteRequest& request, const Refused& refused, Token token, Now now);
  Step delete_group(const std::string& group_id, Token token, Now now);

  /// Reads of what has been applied; the driver answers them once the group's last record is committed.
  wire::OffsetFetchResponse::OffsetFetchResponseGroup fetch_offsets(
      const wire::OffsetFetchRequest::OffsetFetchRequestGroup& request) const;
  wire::DescribeGroupsResponse::DescribedGroup describe(const std::string& group_id, int16_t version) const;
  std::vector<wire::ListGroupsResponse::ListedGroup> list() const;

  /// A topic is gone: its committed positions go too.
  std::vector<Step> topic_deleted(const std::string& topic, Now now);
  /// Committed positions past their retention, and groups with nothing left (G25).
  std::vector<Step> expire_offsets(Now now);

  /// The driver owes a tick() by then, by Now::steady_ms.
  int64_t deadline_ms() const { return deadlines_.empty() ? never_ms : deadlines_.begin()->first; }
  /// Sessions, rebalances and given-out ids whose time is up.
  std::vector<Step> tick(Now now);

  /// The one writer of durable state, live and at replay. Throws wire::DecodeError on a record nobody could have written.
  void apply(const Record& record, Now now);
  /// All of the log has been applied: sessions begin now, however long that took, and groups that are too
  /// large rebalance.
  void loaded(Now now);
  /// `step`'s records did not reach the log: nothing of them holds. The step to carry out in its place.
  Step append_failed(Step step, ErrorCode why, Now now);

 private:
  struct Entry {
    explicit Entry(std::string id) : group(std::move(id)) {}
    ClassicGroup group;
    bool is_stored = false;  // the log holds a record of the group
    std::map<TopicPartition, CommittedOffset> offsets;
    int64_t indexed_deadline_ms = never_ms;  // as it stands in deadlines_
  };

  Entry* find(std::string_view group_id);
  const Entry* find(std::string_view group_id) const;
  Entry& find_or_create(const std::string& group_id);
  /// Keeps deadlines_ no later than the group's own; an early tick is harmless, so renewals need not move it.
  void index_deadline(Entry& entry);

  // join.cc
  void join_as_new(Entry& entry, const wire::JoinGroupRequest& request, const Asker& asker, Step& step,
                   Token token, Now now);
  void join_as_existing(Entry& entry, const wire::JoinGroupRequest& request, const Asker& asker, Step& step,
                        Token token, Now now);
  void rejoin_static(Entry& entry, Member& member, const wire::JoinGroupRequest& request, const Asker& asker,
                     Step& step, Token token, Now now);
  void add_member(Entry& entry, const wire::JoinGroupRequest& request, const Asker& asker,
                  std::string member_id, Step& step, Token token, Now now);
  void rejoin(Entry& entry, Member& member, const wire::JoinGroupRequest& request, Step& step, Token token,
              Now now);
  bool admits(const ClassicGroup& group, const std::string& member_id) const;
  std::string new_member_id(const std::string& prefix);

  // rebalance.cc
  void prepare_or_complete(Entry& entry, Step& step, Now now);
  void prepare_rebalance(Entry& entry, Step& step, Now now);
  void complete_join_if_all_came(Entry& entry, Step& step, Now now);
  void complete_join(Entry& entry, Step& step, Now now);
  void drop_member(Entry& entry, const std::string& member_id, Step& step, Now now);
  void tick(Entry& entry, Step& step, Now now);

  // membership.cc
  ErrorCode check_member(ClassicGroup& group, const std::string& member_id,
                         const std::optional<std::string>& instance_id) const;
  void renew_session(Member& member, Now now) const;
  wire::LeaveGroupResponse::MemberResponse leave_one(Entry& entry, const wire::LeaveGroupRequest::MemberIdentity& who,
                                                     Step& step, bool& membership_changed);
  ErrorCode check_commit(const Entry* entry, const wire::OffsetCommitRequest& request, int16_t version) const;

  const Options options_;
  SeededRng rng_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> groups_;
  std::set<std::pair<int64_t, std::string>> deadlines_;
};

}  // namespace kt::group
