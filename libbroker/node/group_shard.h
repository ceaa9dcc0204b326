#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/mutants.h"
#include "libbroker/group/coordinator.h"
#include "libbroker/node/held_answers.h"
#include "libbroker/node/partition_shard.h"

namespace kt::group {
class OpenTransactions;
}
namespace kt::record {
class BatchView;
}

namespace kt::node {

/// Runs one group::Coordinator on the partition of `__consumer_offsets` that keeps its groups: appends what
/// it decides, applies it, and holds every answer until what it rests on is committed. Who waits when the
/// partition goes to another broker hears NOT_COORDINATOR. Any thread; the mutex is held for one step and its
/// append. Lock order: this, then the partition's.
class GroupShard final : public std::enable_shared_from_this<GroupShard> {
 public:
  /// On the asker's loop, once. Errors: as members hear them (semantics G2).
  using Give = std::move_only_function<void(Result<group::Answer>)>;
  struct Options {
    group::Options groups = {};
    int64_t commit_timeout_ms = 0;  // offsets.commit.timeout.ms
    Mutants mutants = {};
  };
  GroupShard(Clock& clock, Loop& home, std::shared_ptr<PartitionShard> partition, const Options& options,
             uint64_t seed);

  /// Reads the partition from its start; until then everything is answered COORDINATOR_LOAD_IN_PROGRESS, and
  /// NOT_COORDINATOR when that fails. Blocks.
  void load();
  /// The partition is led elsewhere now, or gone.
  void retire();

  using Decide = std::function<group::Step(group::Coordinator&, group::Token, group::Now)>;
  /// One step for a request; on `loop`, where `give` runs.
  void run(Loop& loop, const Decide& decide, Give give);
  /// Several steps that nobody asked for: time, expiry, deleted topics.
  void run_all(const std::function<std::vector<group::Step>(group::Coordinator&, group::Now)>& decide);
  /// Reads what has been applied, now; `give` has it on `loop`, once it is committed and the followers have
  /// said that this broker still led by now: commits might have gone to a successor, and who is told that
  /// there are none begins anew. Refused with not_coordinator when they do not say so.
  template <class Look, class Then>
  void read(Loop& loop, const Look& look, Then give);
  struct Listed {
    ErrorCode error_code = ErrorCode::none;
    std::vector<wire::ListGroupsResponse::ListedGroup> groups;
  };
  Listed list();

 private:
  enum class State { loading, active, retired };
  struct Waiting {
    Loop* loop;
    Give give;
  };

  ErrorCode readiness() const;
  group::Now time() { return {.wall_ms = clock_.wall_ms(), .steady_ms = clock_.monotonic_ms()}; }
  /// Applies what counts of a batch that was read, `records` being its records, uncompressed.
  void replay(const record::BatchView& batch, std::span<const std::byte> records,
              group::OpenTransactions& transactions);
  void carry_out(group::Step step, group::Now now, std::vector<Task>& ready);
  ErrorCode append(const group::Step& step, group::Now now);
  /// `give` is told why what it rests on, up to `end_offset`, will not be committed, or `none`.
  void hold(int64_t end_offset, Loop& loop, std::move_only_function<void(ErrorCode)> give,
            std::vector<Task>& ready);
  /// `give` is told on `loop` what became of the question with that number.
  static void confirm(HeldAnswers& unconfirmed, int64_t asked, Loop& loop,
                      std::move_only_function<void(ErrorCode)> give);
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
  std::shared_ptr<HeldAnswers> held_;         // until what they rest on is committed
  std::shared_ptr<HeldAnswers> unconfirmed_;  // until the followers have said that they still follow
  int64_t armed_ms_ = INT64_MAX;
};

template <class Look, class Then>
void GroupShard::read(Loop& loop, const Look& look, Then give) {
  using Found = decltype(look(groups_));
  std::vector<Task> ready;
  ErrorCode refused = ErrorCode::none;
  {
    const std::lock_guard lock(mutex_);
    refused = readiness();
    if (refused == ErrorCode::none && !partition_->is_followed()) refused = ErrorCode::not_coordinator;
    if (refused == ErrorCode::none) {
      const int64_t asked = partition_->ask_followers();
      hold(
          mutants_.has(Mutant::node_offsets_read_uncommitted) ? 0 : end_offset_, loop,
          [unconfirmed = unconfirmed_, &loop, asked, give = std::move(give),
           found = look(groups_)](ErrorCode code) mutable {
            if (code != ErrorCode::none) return give(fail(ErrorCode::not_coordinator));
            confirm(*unconfirmed, asked, loop,
                    [give = std::move(give), found = std::move(found)](ErrorCode answer) mutable {
                      give(answer == ErrorCode::none ? Result<Found>(std::move(found))
                                                     : fail(ErrorCode::not_coordinator));
                    });
          },
          ready);
    }
  }
  if (refused != ErrorCode::none) return give(fail(refused));
  for (Task& task : ready) task();
}

}  // namespace kt::node
