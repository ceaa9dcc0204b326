#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libbroker/api/groups.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/mutants.h"
#include "libbroker/base/rng.h"
#include "libbroker/node/partition_shard.h"

namespace kt::node {

/// Runs one group::Coordinator on the partition of `__consumer_offsets` that keeps its groups: appends what
/// it decides, applies it, and holds every answer until what it rests on is committed. Any thread; the mutex
/// is held for one step and its append. Lock order: this, then the partition's.
class GroupShard final : public std::enable_shared_from_this<GroupShard> {
 public:
  using Give = std::move_only_function<void(group::Answer)>;
  GroupShard(Clock& clock, Loop& home, std::shared_ptr<PartitionShard> partition,
             const group::Options& options, uint64_t seed, Mutants mutants = {});

  /// Reads the partition from its start; until then everything is answered COORDINATOR_LOAD_IN_PROGRESS.
  /// Blocks.
  void load();
  /// The partition is led elsewhere now, or gone.
  void retire();

  using Decide = std::function<group::Step(group::Coordinator&, group::Token, int64_t now_ms)>;
  /// One step for a request; `give` runs on `loop`.
  void run(Loop& loop, const Decide& decide, Give give);
  /// Several steps that nobody asked for: time, expiry, deleted topics.
  void run_all(const std::function<std::vector<group::Step>(group::Coordinator&, int64_t now_ms)>& decide);
  /// Reads what has been applied and hands it over on `loop` once it is committed.
  void read(Loop& loop, std::move_only_function<Task(const group::Coordinator&)> look,
            std::move_only_function<void(ErrorCode)> refuse);
  ErrorCode readiness();
  std::vector<wire::ListGroupsResponse::ListedGroup> list();

 private:
  enum class State { loading, active, retired };
  struct Delivery;
  /// Deliveries that wait until the partition's high watermark has reached an offset.
  class Held;
  struct Waiting {
    Loop* loop;
    Give give;
  };

  void apply(std::span<const std::byte> records, int32_t count);
  void carry_out(group::Step step, int64_t now_ms, std::vector<Task>& ready);
  ErrorCode append(const group::Step& step, int64_t now_ms);
  void hold(Delivery delivery, std::vector<Task>& ready);
  void arm();
  static ErrorCode told_as(ErrorCode append_error);

  Clock& clock_;
  Loop& home_;  // whose timers drive tick()
  const std::shared_ptr<PartitionShard> partition_;
  const int32_t leads_since_;  // the leadership that this is the coordinator of
  const Mutants mutants_;

  std::mutex mutex_;  // guards what follows
  group::Coordinator groups_;
  State state_ = State::loading;
  group::Token last_token_ = 0;
  std::map<group::Token, Waiting> waiting_;
  int64_t end_offset_ = 0;  // of what has been appended or loaded
  std::shared_ptr<Held> held_;
  int64_t armed_ms_ = INT64_MAX;
};

/// The groups of this broker: one GroupShard per partition of `__consumer_offsets` that it leads.
class GroupRuntime final : public api::Groups {
 public:
  GroupRuntime(Clock& clock, Loop& home, Executor& disk_pool, const group::Options& options, uint64_t seed,
               Mutants mutants = {})
      : clock_(clock), home_(home), disk_pool_(disk_pool), options_(options), mutants_(mutants), rng_(seed) {}

  /// A partition of `__consumer_offsets` is led here from now on; its groups are loaded on the disk pool.
  void add(std::shared_ptr<PartitionShard> partition);
  void remove(int32_t partition);
  void set_partition_count(int32_t count);
  void topic_deleted(const std::string& topic);
  /// Commits past their retention; called every offsets.retention.check.interval.ms.
  void expire_offsets();

  void join(Loop& loop, wire::JoinGroupRequest request, group::Coordinator::Asker asker,
            Then<wire::JoinGroupResponse> then) override;
  void sync(Loop& loop, wire::SyncGroupRequest request, Then<wire::SyncGroupResponse> then) override;
  void heartbeat(Loop& loop, wire::HeartbeatRequest request, Then<wire::HeartbeatResponse> then) override;
  void leave(Loop& loop, wire::LeaveGroupRequest request, int16_t version,
             Then<wire::LeaveGroupResponse> then) override;
  void commit(Loop& loop, wire::OffsetCommitRequest request, int16_t version,
              group::Coordinator::Refused refused, Then<wire::OffsetCommitResponse> then) override;
  void delete_offsets(Loop& loop, wire::OffsetDeleteRequest request, group::Coordinator::Refused refused,
                      Then<wire::OffsetDeleteResponse> then) override;
  void remove(Loop& loop, std::string group_id, Then<ErrorCode> then) override;
  void fetch(Loop& loop, wire::OffsetFetchRequest::OffsetFetchRequestGroup request,
             Then<wire::OffsetFetchResponse::OffsetFetchResponseGroup> then) override;
  void describe(Loop& loop, std::string group_id, int16_t version,
                Then<wire::DescribeGroupsResponse::DescribedGroup> then) override;
  Listed list() override;

 private:
  /// The shard of a group, or why there is none that could answer.
  Result<std::shared_ptr<GroupShard>> find(const std::string& group_id);
  std::vector<std::shared_ptr<GroupShard>> all();

  Clock& clock_;
  Loop& home_;
  Executor& disk_pool_;
  const group::Options options_;
  const Mutants mutants_;
  std::mutex mutex_;  // guards what follows
  SeededRng rng_;
  int32_t partition_count_ = 0;
  std::map<int32_t, std::shared_ptr<GroupShard>> shards_;
};

}  // namespace kt::node
