#pragma once
#include <cstdint>
#include <optional>

#include "libbroker/raft/event.h"
#include "libbroker/record/epoch_cache.h"
#include "libbroker/record/log_end.h"

namespace kt::raft {

/// What the core knows of its replica's log: where it begins and ends, how far it is durable, which offsets
/// belong to which epoch. It changes the moment the core tells the driver to change the log.
class LogView {
 public:
  /// A log as found at start. The driver has made it durable, and has emptied one that ended before its
  /// latest snapshot, so that it begins there. `start` is the end of the snapshot that precedes its first
  /// record
  /// ({0, 0}: none), `snapshot` the latest one (not the bootstrap checkpoint 0-0).
  struct Restored {
    record::EpochCache epochs = {};
    LogEnd start = {};
    int64_t end_offset = 0;
    std::optional<LogEnd> snapshot = {};
  };
  explicit LogView(Restored restored);

  LogEnd start() const { return start_; }
  LogEnd end() const;
  int64_t durable_end() const { return durable_end_; }
  bool is_durable() const { return durable_end_ == end_offset_; }
  const std::optional<LogEnd>& snapshot() const { return snapshot_; }
  /// Where the largest epoch <= `epoch` ends; the log's start when all are larger.
  LogEnd end_of(int32_t epoch) const;

  struct Match {
    enum class Kind { valid, diverging, snapshot } kind = Kind::valid;
    LogEnd at = {};  // the epoch's end here, or the snapshot to begin with
  };
  /// Compares a follower's end with this log [KafkaRaftClient.tryCompleteFetchRequest,
  /// ReplicatedLog.validate…].
  Match match(LogEnd follower) const;
  /// Up to where this log agrees with a leader's whose records differ from `diverging` on, as far as can be
  /// told.
  int64_t agreed_end(LogEnd diverging) const;

  void append(int32_t epoch, int64_t count);
  void truncate(int64_t end_offset);
  /// The log is replaced by a snapshot.
  void restart_at(LogEnd snapshot);
  void snapshot_taken(LogEnd id);
  void trimmed(LogEnd id);
  /// What to ask the driver for, so that the whole log is durable.
  Flushed flush_wanted() const { return {end_offset_, generation_}; }
  void flushed(const Flushed& report);

 private:
  record::EpochCache epochs_;
  LogEnd start_;
  int64_t end_offset_;
  int64_t durable_end_;
  uint32_t generation_ = 0;
  std::optional<LogEnd> snapshot_;
};

}  // namespace kt::raft
