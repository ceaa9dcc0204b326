#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/client/cluster.h"
#include "libbroker/client/fetcher.h"
#include "libbroker/client/group_offsets.h"
#include "libbroker/client/group_session.h"
#include "libbroker/client/topology_watch.h"

namespace kt::client {

/// Consumer settings; names and defaults are Kafka's (ConsumerConfig).
struct ConsumerOptions {
  FetchOptions fetching = {};
  consuming::Reset reset = consuming::Reset::latest;  // auto.offset.reset
  std::optional<std::string> group_id = {};           // group.id
  bool auto_commits = true;                           // enable.auto.commit
  int64_t auto_commit_interval_ms = 5'000;            // auto.commit.interval.ms
  size_t records_max = 500;                           // max.poll.records
  int64_t api_timeout_ms = 60'000;                    // default.api.timeout.ms
  int64_t metadata_max_age_ms = 300'000;              // metadata.max.age.ms
  bool allows_auto_creation = true;                   // allow.auto.create.topics
  bool excludes_internal_topics = true;         // exclude.internal.topics, of those that match a pattern
  std::optional<std::string> instance_id = {};  // group.instance.id
  /// partition.assignment.strategy
  std::vector<const consuming::Assignor*> assignors = consuming::default_assignors();
  int32_t session_timeout_ms = 45'000;     // session.timeout.ms
  int32_t heartbeat_interval_ms = 3'000;   // heartbeat.interval.ms
  int32_t poll_interval_ms_max = 300'000;  // max.poll.interval.ms
};

/// What is told of a group's rebalances, while a poll waits. Partitions revoked were committed before, if
/// commits are automatic; those lost may be another member's already. Calls nothing of the consumer but its
/// questions.
struct RebalanceListener {
  using Call = std::function<void(const std::set<TopicPartition>&)>;
  Call assigned = {}, revoked = {}, lost = {};
};

/// Reads records of partitions, in order within each. On the cluster's loop, like its callbacks, which never
/// run inside the call that was given them and may destroy the consumer. Destroying it drops what is under
/// way, without a call. The cluster outlives it.
class Consumer {
 public:
  using Polled = std::vector<PartitionRecords>;

  Consumer(Cluster& cluster, ConsumerOptions options);
  ~Consumer();
  Consumer(const Consumer&) = delete;

  /// Reads these partitions, without membership in a group; those that were there go on where they are.
  void assign(std::set<TopicPartition> partitions);
  /// Joins the group and reads what it is given of these topics; joins again when they are others than
  /// before. Errors: invalid_group_id without a group.
  Result<void> subscribe(std::set<std::string> topics, RebalanceListener listener = {});
  /// The same for all topics whose name `matches`, now and later.
  Result<void> subscribe_matching(std::function<bool(std::string_view)> matches,
                                  RebalanceListener listener = {});
  /// Leaves the group, or gives up what was assigned.
  void unsubscribe();
  std::vector<TopicPartition> assignment() const { return fetcher_.positions().assigned(); }

  /// Gives the records that are here, up to max.poll.records, or waits for some; nothing after `timeout_ms`.
  /// One at a time. Records given count as consumed: the next commit covers them. Errors: what no retry
  /// mends; polling again may go on with other partitions.
  void poll(int64_t timeout_ms, Then<Polled> then);
  /// Ends a poll that waits, with nothing.
  void wake();

  /// Errors: unknown_topic_or_partition for a partition that is not assigned.
  Result<void> seek(const TopicPartition& p, int64_t offset, int32_t leader_epoch = -1);
  Result<void> seek_to_time(const TopicPartition& p, int64_t timestamp);
  Result<void> seek_to_beginning(const TopicPartition& p) {
    return seek_to_time(p, consuming::earliest_timestamp);
  }
  Result<void> seek_to_end(const TopicPartition& p) { return seek_to_time(p, consuming::latest_timestamp); }
  Result<void> pause(const TopicPartition& p) { return set_paused(p, true); }
  Result<void> resume(const TopicPartition& p) { return set_paused(p, false); }
  /// The next offset to be given; none until it is known.
  std::optional<consuming::OffsetAndEpoch> position(const TopicPartition& p) const {
    return fetcher_.positions().position(p);
  }

  /// Stores these offsets, or the position of every partition. Errors: invalid_group_id without a group, and
  /// the group's.
  void commit(Offsets offsets, Then<void> then);
  void commit(Then<void> then) { commit(fetcher_.positions().positions(), std::move(then)); }
  /// What the group has committed for these partitions; those without are left out.
  void committed(std::set<TopicPartition> of, Then<Offsets> then);

  /// Commits, if commits are automatic, and ends; `then` is called once it is safe to destroy this without
  /// loss.
  void close(Then<void> then);

 private:
  struct Poll {
    int64_t until_ms;
    Then<Polled> then;
  };
  int64_t now_ms() { return cluster_.clock().monotonic_ms(); }
  Result<void> set_paused(const TopicPartition& p, bool is_paused);
  Result<void> begin_membership(RebalanceListener listener);
  void watch_topics();
  void on_topology();
  void revoke(const consuming::Revoke& revoke);
  void finish_revoke(const consuming::Revoke& revoke);
  void take_assignment(const consuming::Assigned& assigned);
  /// `retry_ms` 0: once.
  void commit(Offsets offsets, int64_t retry_ms, Then<void> then);
  bool may_auto_commit() const;
  void leave(Then<void> then);
  void pump_soon();
  /// In it one time holds, as in the producer's.
  void pump();
  void look_up(int64_t now_ms);
  void auto_commit(int64_t now_ms);
  /// False when the callback has destroyed this.
  bool finish_poll(int64_t now_ms);
  void arm(int64_t now_ms);

  Cluster& cluster_;
  const ConsumerOptions options_;
  TopologyWatch watch_;
  Fetcher fetcher_;
  std::unique_ptr<Coordinator> coordinator_;  // with a group only
  std::unique_ptr<GroupSession> session_;     // while subscribed
  std::function<bool(std::string_view)> matches_;
  RebalanceListener listener_;
  bool is_revoking_ = false;  // records wait until it is known who reads on
  std::optional<Poll> poll_;
  std::optional<Error> error_;  // for the next poll
  int64_t next_auto_commit_ms_;
  bool is_committing_ = false;
  bool is_pump_posted_ = false;
  Timers::Id timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::client
