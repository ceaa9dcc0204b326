#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/topic_partition.h"

namespace kt::consuming {

/// Where to start without a committed offset, and after an offset that is gone: auto.offset.reset.
enum class Reset : uint8_t { earliest, latest, none };

inline constexpr int64_t latest_timestamp = -1, earliest_timestamp = -2;  // as ListOffsets asks

/// A position as groups store it: the next offset to read, and the leader epoch of the record before it (-1:
/// unknown).
struct OffsetAndEpoch {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
  std::string metadata = {};
  bool operator==(const OffsetAndEpoch&) const = default;
};

/// Where a consumer is in each of its partitions: where it will fetch next, and what it has given to its
/// caller. Pure: the shell asks the brokers what to_look_up(), to_reset() and to_fetch() name, and says what
/// came of it.
///
/// A position is looked up (committed offset), or reset (ListOffsets), then ready. Whatever moves it
/// otherwise (seek, reset, a new assignment) gives it another token, so that late answers and data fetched
/// before are recognised.
class Positions {
 public:
  struct Options {
    Reset reset = Reset::latest;     // auto.offset.reset
    bool has_group = true;           // group.id: whether there are committed offsets
    int64_t retry_backoff_ms = 100;  // retry.backoff.ms
  };
  using Token = uint64_t;

  explicit Positions(Options options) : options_(options) {}

  /// Exactly these partitions from now on; those that were there keep their position.
  void assign(const std::set<TopicPartition>& partitions);
  std::vector<TopicPartition> assigned() const;
  bool is_assigned(const TopicPartition& p) const { return partitions_.contains(p); }

  /// Partitions whose committed offset is to be asked for. They are not named again until looked_up() or
  /// ask_failed().
  struct LookUp {
    TopicPartition partition;
    Token token;
  };
  std::vector<LookUp> to_look_up(int64_t now_ms);
  void looked_up(const LookUp& asked, const std::optional<OffsetAndEpoch>& committed);
  /// Partitions whose offset for a timestamp is to be asked for. They are not named again until found() or
  /// ask_failed().
  struct Ask {
    TopicPartition partition;
    int64_t timestamp;
    Token token;
  };
  std::vector<Ask> to_reset(int64_t now_ms);
  /// `offset` < 0: there is nothing at that time or later, so the end it is.
  void found(const Ask& ask, int64_t offset, int32_t leader_epoch);
  void ask_failed(const TopicPartition& p, Token token, int64_t now_ms, bool is_metadata_stale = false);

  /// A partition to fetch from.
  struct Fetch {
    TopicPartition partition;
    int64_t offset;
    int32_t last_epoch;  // of the record before it; -1: unknown
    Token token;
    int32_t leader_epoch_min = -1;  // who led before that knows nothing of the position
  };
  /// Partitions that are ready, not paused, not being fetched, and not backing off.
  std::vector<Fetch> to_fetch(int64_t now_ms) const;
  void fetching(const TopicPartition& p);
  /// Data up to `end_offset` has arrived. False: it is data of the past, to be dropped.
  bool fetched(const Fetch& fetch, int64_t end_offset, int32_t end_epoch, int64_t now_ms);
  /// Only says that the answer has come, when it told nothing about the partition.
  void not_fetched(const Fetch& fetch, int64_t retry_at_ms);
  /// The broker's error. Errors that no retry can mend come out of take_errors().
  void refused(const Fetch& fetch, ErrorCode code, int64_t now_ms);
  /// The leader's log differs: it has only up to `end_offset` of `epoch` (KIP-320). What the caller was not
  /// given yet is fetched again. Where it was given more, it goes back to `end_offset`, unless
  /// auto.offset.reset is none, which makes it an error.
  void diverged(const Fetch& fetch, int32_t epoch, int64_t end_offset);

  /// What was fetched cannot be read: an error that stays until the next seek.
  void broken(const TopicPartition& p, Token token, Error error);

  /// The caller was given everything before `position`.
  void consumed(const TopicPartition& p, Token token, int64_t position, int32_t epoch);
  bool is_current(const TopicPartition& p, Token token) const;

  /// Errors unless assigned: unknown_topic_or_partition.
  Result<void> seek(const TopicPartition& p, int64_t offset, int32_t leader_epoch = -1);
  /// To the first record at or after `timestamp`, or to an end (earliest_timestamp, latest_timestamp).
  Result<void> seek_to_time(const TopicPartition& p, int64_t timestamp);
  Result<void> pause(const TopicPartition& p, bool is_paused);
  bool is_paused(const TopicPartition& p) const;
  /// What the caller has come to; none until it is known.
  std::optional<OffsetAndEpoch> position(const TopicPartition& p) const;
  /// Every position that is known: what a commit stores.
  std::map<TopicPartition, OffsetAndEpoch> positions() const;

  std::vector<Error> take_errors() { return std::exchange(errors_, {}); }
  /// Whether the last errors ask for fresh metadata.
  bool take_stale_metadata() { return std::exchange(is_metadata_stale_, false); }
  /// When to_look_up(), to_reset() or to_fetch() may name a partition that backs off now; INT64_MAX: none
  /// does.
  int64_t deadline_ms(int64_t now_ms) const;

 private:
  enum class State : uint8_t { unknown, resetting, ready, failed };
  struct Position {
    State state = State::unknown;
    bool is_asked = false;  // the look-up, the reset, or the fetch
    bool is_paused = false;
    Token token = 0;
    int64_t retry_at_ms = 0;
    int64_t reset_timestamp = latest_timestamp;
    int64_t fetch_offset = -1;
    int32_t fetch_epoch = -1;       // of the record before fetch_offset
    int32_t leader_epoch_min = -1;  // of who told of fetch_offset
    OffsetAndEpoch consumed;
  };
  Position* find(const TopicPartition& p, Token token);
  void move(Position& position, int64_t offset, int32_t epoch);
  bool has_ungiven(const Position& position) const {
    return position.consumed.offset < position.fetch_offset;
  }
  void reset_to(Position& position, int64_t timestamp);
  /// By auto.offset.reset; `why` is the error when that is none.
  void reset(Position& position, Error why);
  Result<Position*> assigned(const TopicPartition& p);

  const Options options_;
  std::map<TopicPartition, Position> partitions_;
  Token last_token_ = 0;
  std::vector<Error> errors_;
  bool is_metadata_stale_ = false;
};

}  // namespace kt::consuming
