#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/base/slice.h"
#include "libbroker/base/topic_partition.h"
#include "libbroker/metadata/config_def.h"
#include "libbroker/sim/fault_plan.h"
#include "libbroker/sim/history/anomaly.h"
#include "libbroker/sim/history/recorder.h"

namespace kt::sim {

/// How hard the clients of a run work; drawn with the world.
struct WorkloadOptions {
  int64_t burst_pause_ms_mean = 200;  // of each producer's partitions
  uint32_t burst_records_max = 10;
  uint32_t record_bytes_max = 400;
  int32_t producer_batch_bytes = 2'000;
  int64_t request_timeout_ms = 5'000;
  int32_t fetch_bytes_max = 16 << 10;  // of a partition
  int64_t commit_interval_ms = 300;
  int32_t session_timeout_ms = 6'000;  // of the group's members
  uint32_t codec = 0;  // of producers, as batches number them
};

/// A topic that the clients use, the history of it, and what is promised of that.
struct WorkloadTopic {
  std::string name;
  int32_t partitions = 1;
  metadata::ConfigMap configs = {};
  uint32_t record_keys = 0;  // 0: records have none
  bool is_retained = false;  // old records may go
  Promises promises = {};
  Recorder recorder = Recorder();
  std::map<Key, std::map<int64_t, Value>> acknowledged = {};  // of a retained topic, by offset
};

/// Commits of a group's members. Each begins where the group had committed, so in whatever order they come,
/// none that is acknowledged is behind one that was before it began. A commit of which nobody knows what
/// became, or that may have been sent twice, may still come at any time.
class MemberCommits {
 public:
  explicit MemberCommits(int64_t patience_ns) : patience_ns_(patience_ns) {}
  /// The end of a commit; what is wrong with it, if anything.
  std::optional<std::string> ended(int32_t partition, int64_t offset, int64_t begun_ns, int64_t ended_ns,
                                   bool is_acknowledged);

 private:
  struct Commits {
    std::map<int64_t, int64_t> highest_by_end_ns;  // of those acknowledged until then
    int64_t least_loose = INT64_MAX;               // of those that may still come
  };
  const int64_t patience_ns_;  // one that took longer may have been sent twice
  std::map<int32_t, Commits> partitions_;
};

/// What the clients of a run share, whatever becomes of their processes. The history key of a partition is
/// its number.
class Workload {
 public:
  Workload(WorkloadOptions options, std::vector<WorkloadTopic> topics, std::function<int64_t()> now_ns);

  const WorkloadOptions& options() const { return options_; }
  std::vector<WorkloadTopic>& topics() { return topics_; }
  /// What the members of the group read of the first topic: they may skip and go back, but not lose.
  Recorder& group_history() { return group_history_; }
  /// Op::time_ns of what happens now.
  int64_t now_ns() const { return now_ns_(); }

  Value next_value(size_t topic, int32_t partition) { return ++last_values_[{topic, partition}]; }
  /// The group that commits where a reader is; a new one after a commit of which nobody knows what became, as
  /// it may still arrive.
  std::string reader_group() const { return "readers-" + std::to_string(reader_groups_); }
  uint32_t reader_group_number() const { return reader_groups_; }
  void next_reader_group() { ++reader_groups_; }
  /// Called as a commit of the reader begins, if anybody has set it.
  std::function<void()> reader_commits;

  MemberCommits& member_commits() { return member_commits_; }

  /// Where what is committed of a partition ends, at present.
  std::function<int64_t(const TopicPartition&)> committed_end;
  /// Of the operator, who may do so to a broker by its place among them.
  std::function<void(uint32_t broker)> kill_broker, start_broker;
  /// Somebody was given the record at that offset, which has to be committed (I12).
  void was_read(const TopicPartition& partition, int64_t offset);

  /// `who` of the clients got something done: all of them have to, once nothing goes wrong any more.
  void progressed(std::string who) { progressed_.insert(std::move(who)); }
  bool has_progressed(const std::string& who) const { return progressed_.contains(who); }
  void forget_progress() { progressed_.clear(); }

  /// What the operator is to do, in this order.
  std::deque<PlannedFault> asked_operations;
  /// The configuration that operations changed is as it was at first; asked for by is_settling.
  bool is_settling = false, is_settled = false;
  uint64_t operations = 0;  // that were carried out
  /// What the operator must not forget when its process dies.
  struct PassingLife {
    uint64_t number = 0;
    bool is_made = false;
  } passing_life;
  /// Values of min.insync.replicas, by topic: that were sent and may still come, and that it may have.
  std::map<std::string, std::multiset<std::string>> loose_min_isr;
  std::map<std::string, std::set<std::string>> possible_min_isr;

  /// Something happened that a correct broker shows to nobody.
  void violated(std::string what) { violations_.push_back(std::move(what)); }
  const std::vector<std::string>& violations() const { return violations_; }

  bool is_ready = false;                                 // the topics exist
  bool is_over = false;                                  // nothing more is sent
  uint64_t open_bursts = 0;                              // sends that have not ended, of processes that live
  uint64_t acknowledged = 0, polled = 0, committed = 0;  // records, records, commits
  std::map<Key, int64_t> acknowledged_end, group_end;    // of the first topic: the offset after the last one

 private:
  const WorkloadOptions options_;
  std::vector<WorkloadTopic> topics_;
  const std::function<int64_t()> now_ns_;
  Recorder group_history_;
  MemberCommits member_commits_;
  std::set<std::string> progressed_;
  std::set<TopicPartition> read_too_far_;  // of which that was said
  std::map<std::pair<size_t, int32_t>, Value> last_values_;
  std::vector<std::string> violations_;
  uint32_t reader_groups_ = 0;
};

/// A record's bytes: they say where they belong, and all of them follow from that.
std::string payload(const std::string& topic, int32_t partition, Value value, size_t bytes);
/// The value of a record read there; another than was ever sent if the bytes are not those of payload().
Value value_of(const std::string& topic, int32_t partition, const Slice& bytes);

}  // namespace kt::sim
