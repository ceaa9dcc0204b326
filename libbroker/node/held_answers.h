#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "libbroker/api/partition.h"
#include "libbroker/base/clock.h"

namespace kt::node {

/// A coordinator's answers, each until its partition has come as far as it rests on. Lives on a loop, and is
/// woken there when the partition may have; add() may be called from any thread.
class HeldAnswers final : public api::Waiter, public std::enable_shared_from_this<HeldAnswers> {
 public:
  struct Answer {
    Loop* loop;
    /// On that loop. `none`: it has; else why it will not, or has not yet: what the check says, or
    /// request_timed_out.
    std::move_only_function<void(ErrorCode)> give;
  };
  /// Whether the partition has come to `position`: as wait_for_commit() and wait_for_confirmation() of a
  /// PartitionShard.
  using Check = std::function<Result<api::Partition::Commit>(int64_t position, std::weak_ptr<Waiter>)>;
  /// An answer is held for `timeout_ms` at most.
  HeldAnswers(Loop& home, Clock& clock, Check check, int64_t timeout_ms)
      : Waiter(home), clock_(clock), check_(std::move(check)), timeout_ms_(timeout_ms) {}

  /// Until the partition has come to `position`; when that is known already, `ready` has the task that gives
  /// the answer.
  void add(int64_t position, Answer answer, std::vector<Task>& ready);
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
  const Check check_;
  const int64_t timeout_ms_;
  std::mutex mutex_;  // guards what follows
  std::multimap<int64_t, Waiting> waiting_;  // by position, so that those who have waited longest come first
  bool is_armed_ = false;
};

}  // namespace kt::node
