#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/node/partition_shard.h"

namespace kt::node {

/// A coordinator's answers, each until what it rests on is committed. Lives on a loop, and is woken there
/// when the partition's high watermark may have moved; add() may be called from any thread.
class HeldAnswers final : public api::Waiter, public std::enable_shared_from_this<HeldAnswers> {
 public:
  struct Answer {
    Loop* loop;
    /// On that loop. `none`: it is committed; else why it will not be, or is not yet: not_leader_or_follower
    /// and what else api::Partition::wait_for_commit() says, or request_timed_out.
    std::move_only_function<void(ErrorCode)> give;
  };
  /// `leads_since`: the leadership in which all of it is appended. An answer is held for `timeout_ms` at
  /// most.
  HeldAnswers(Loop& home, Clock& clock, std::shared_ptr<PartitionShard> partition, int32_t leads_since,
              int64_t timeout_ms)
      : Waiter(home),
        clock_(clock),
        partition_(std::move(partition)),
        leads_since_(leads_since),
        timeout_ms_(timeout_ms) {}

  /// Until the partition is committed up to `end_offset`; when that is known already, `ready` has the task
  /// that gives the answer.
  void add(int64_t end_offset, Answer answer, std::vector<Task>& ready);
  void wake() override;

 private:
  struct Waiting {
    Answer answer;
    int64_t until_ms;
  };
  static Task give(Answer answer, ErrorCode code);
  /// Under the mutex: who waits longest is looked at again when its time is up.
  void arm();
  void wake_late();

  Clock& clock_;
  const std::shared_ptr<PartitionShard> partition_;
  const int32_t leads_since_;
  const int64_t timeout_ms_;
  std::mutex mutex_;  // guards what follows
  std::multimap<int64_t, Waiting>
      waiting_;  // by end offset, so that those who have waited longest come first
  bool is_armed_ = false;
};

}  // namespace kt::node
