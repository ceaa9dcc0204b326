#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/metadata/image.h"

namespace kt::partition {

/// An ISR that the leader asks the controller for (AlterPartition, KIP-497).
struct IsrChange {
  struct Member {
    int32_t id = -1;
    int64_t broker_epoch = -1;  // as its fetches say (KIP-903); -1: not known, or the leader's own
    bool operator==(const Member&) const = default;
  };
  std::vector<Member> isr;
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;  // that the change is made from
  bool operator==(const IsrChange&) const = default;
};

/// What a follower's Fetch says of it.
struct FollowerFetch {
  int32_t id = -1;
  int64_t broker_epoch = -1;  // -1: it does not say
  int64_t offset = 0;         // everything below it is in the follower's log
  int64_t log_start = -1;
  bool is_eligible =
      false;  // for an ISR: alive, not about to stop, and this incarnation is the registered one
};

/// One partition's replica while it leads in one leader epoch: how far its followers are, what of that is
/// committed, and which ISR it wants. Pure; `now_ms` never goes back, and where it is not given it is what
/// was given last. Who owns it appends, asks the controller, and answers who waits.
///
/// The ISR changes only when the controller says so. Until it has answered, the larger of both sets, the
/// maximal ISR, holds back the high watermark, and the smaller one, as committed, is what min.insync.replicas
/// counts (semantics R1-R7).
class Leader {
 public:
  /// Of one follower to one leader.
  static constexpr int fetches_in_flight_max = 2;
  struct Options {
    int32_t self = -1;
    int64_t lag_ms_max = 30'000;  // replica.lag.time.max.ms
    int64_t followed_ms =
        1'000;  // more than a follower takes from Fetch to Fetch (replica.fetch.wait.max.ms)
    Mutants mutants = {};
  };
  /// The log as it is when the epoch begins, which is at its end.
  struct Log {
    int64_t end = 0, stable_end = 0;  // stable: as far as it counts (flush.messages)
    int64_t high_watermark = 0;
  };
  /// A follower in the ISR counts as caught up at first.
  Leader(const Options& options, const metadata::Partition& state, int32_t min_isr, const Log& log,
         int64_t now_ms);

  /// The metadata says something newer of the same leader epoch. What is older changes nothing.
  void update(const metadata::Partition& state, int64_t now_ms);
  void set_min_isr(int32_t min_isr);
  /// The log is stable up to `end`.
  void log_moved(int64_t end);
  /// Errors: unknown_leader_epoch for who is no replica as far as is known here; not_leader_or_follower for
  /// an incarnation of a broker that another has replaced.
  Result<void> fetched(const FollowerFetch& fetch, int64_t now_ms);
  /// A follower's broker may not enter an ISR, and nobody waits for it, until it fetches again.
  void left(int32_t id);
  /// Followers that have not kept up for too long leave the ISR. Owed every lag_ms_max / 2.
  void expire(int64_t now_ms);

  /// The change to ask for, once; one at a time is under way.
  std::optional<IsrChange> take_change();
  /// What the controller made of a change: the partition as it is now.
  struct Answer {
    int32_t leader_epoch = 0;
    int32_t partition_epoch = 0;
    std::vector<int32_t> isr;
  };
  void answered(const IsrChange& change, const Result<Answer>& answer);

  int32_t leader_epoch() const { return leader_epoch_; }
  int32_t partition_epoch() const { return partition_epoch_; }
  int64_t epoch_start_offset() const { return epoch_start_; }
  /// Records below it are committed. Rises only.
  int64_t high_watermark() const { return high_watermark_; }
  const std::vector<int32_t>& isr() const { return isr_; }
  std::vector<int32_t> maximal_isr() const;
  /// A change was asked for whose answer is not known: the controller may have made it.
  bool is_changing_isr() const { return proposed_.has_value(); }
  /// The change that was asked for last, while its answer is not known.
  const std::optional<IsrChange>& asked_for() const { return asked_for_; }
  int32_t effective_min_isr() const;
  /// acks=all may be accepted.
  bool has_enough_in_sync() const { return static_cast<int32_t>(isr_.size()) >= effective_min_isr(); }
  /// acks=all was answered by enough replicas.
  bool is_committed_by_enough() const;
  /// Another of the ISR has fetched within followed_ms, or there is none. Otherwise this leader may have been
  /// cut off, or paused, and replaced without having heard of it.
  bool is_followed(int64_t now_ms) const;

  /// Asks the followers, by a number that rises, whether this leader is still theirs. Each says so by
  /// fetching on after an answer that it was given since: none has taken the lead until then, and so nobody
  /// has.
  void ask_followers(int64_t number);
  /// The last number for which all of the maximal ISR have said so.
  int64_t confirmed() const;
  /// That follower's fetches are to be answered at once, so that it can say so.
  bool is_asked(int32_t id) const;
  /// Records below it are on no replica any more (DeleteRecords), as far as those go whose brokers are
  /// `alive` and have not left; -1: a follower has not told.
  int64_t low_watermark(int64_t own_log_start, std::span<const int32_t> alive) const;
  /// -1: not known.
  int64_t follower_end(int32_t id) const;
  /// The follower in the ISR that has the record at `offset` and is most caught up, among those of `ids`
  /// (KIP-392); none when this broker is one of them.
  std::optional<int32_t> closest(std::span<const int32_t> ids, int64_t offset) const;

 private:
  struct Follower {
    int64_t end = -1;
    int64_t log_start = -1;
    int64_t broker_epoch = -1;
    int64_t last_caught_up_ms = 0;
    int64_t last_fetch_ms = 0;
    int64_t leader_end_at_last_fetch = 0;
    bool is_eligible = false, has_left = false;
    // What was asked when its last fetches came, oldest first. As many as that may have been sent before the
    // first of them was answered; the one after them was not.
    std::array<int64_t, fetches_in_flight_max> asked = {};
    int64_t confirmed = 0;
  };
  bool is_caught_up(const Follower& follower) const;
  void set_replicas(const std::vector<int32_t>& replicas);
  void raise_high_watermark();
  void expand(int32_t id, const Follower& follower);
  void propose(std::vector<int32_t> isr);
  void settle();

  const Options options_;
  const int32_t leader_epoch_;
  const int64_t epoch_start_;
  int32_t partition_epoch_;
  int32_t min_isr_;
  int64_t now_ms_;
  size_t replica_count_ = 0;
  int64_t end_;
  int64_t high_watermark_;
  std::vector<int32_t> isr_;                      // as committed
  std::optional<std::vector<int32_t>> proposed_;  // under way
  std::optional<IsrChange> asked_for_;            // it was taken; also when all that helps is newer metadata
  int64_t asked_ = 0;                             // of the followers
  std::map<int32_t, Follower> followers_;
};

}  // namespace kt::partition
