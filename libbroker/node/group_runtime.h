#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libbroker/api/groups.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/rng.h"
#include "libbroker/node/group_shard.h"
#include "libbroker/node/partition_shard.h"

namespace kt::node {

/// The groups of this broker: one GroupShard per partition of `__consumer_offsets` that it leads.
class GroupRuntime final : public api::Groups {
 public:
  GroupRuntime(Clock& clock, Loop& home, Executor& disk_pool, const GroupShard::Options& options,
               uint64_t seed)
      : clock_(clock), home_(home), disk_pool_(disk_pool), options_(options), rng_(seed) {}

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
  /// The shard of a group. Errors: not_coordinator.
  Result<std::shared_ptr<GroupShard>> find(const std::string& group_id);
  /// One step of the group's coordinator; `refusal` makes an answer of why there is none.
  template <class Response, class Decide, class Refusal>
  void ask(Loop& loop, const std::string& group_id, const Decide& decide, Refusal refusal,
           Then<Response> then);
  std::vector<std::shared_ptr<GroupShard>> all();

  Clock& clock_;
  Loop& home_;
  Executor& disk_pool_;
  const GroupShard::Options options_;
  std::mutex mutex_;  // guards what follows
  SeededRng rng_;
  int32_t partition_count_ = 0;
  std::map<int32_t, std::shared_ptr<GroupShard>> shards_;
};

}  // namespace kt::node
