#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/raft/ballot.h"
#include "libbroker/raft/log_view.h"
#include "libbroker/raft/voter_set.h"

namespace kt::raft::sim {

/// A batch as a simulated log holds it: record number i of it has the value `value + i`.
struct Batch {
  int32_t epoch = 0;
  int64_t base_offset = 0;
  int32_t count = 0;
  uint64_t value = 0;
  std::optional<int16_t> kraft_version = {};
  std::optional<VoterSet> voters = {};
  int64_t end_offset() const { return base_offset + count; }
};

/// A snapshot's content: what the state machine came to.
struct Snapshot {
  uint64_t state = 0;
  VoterHistory::Entry voters = {};
  std::string bytes = {};  // as it is fetched
};

/// A log's records, from the end of a snapshot on.
struct Log {
  LogEnd start = {};
  std::vector<Batch> batches = {};
  LogEnd end() const {
    return batches.empty() ? start : LogEnd{batches.back().epoch, batches.back().end_offset()};
  }
  /// The batch that holds this offset; null outside the log.
  const Batch* at(int64_t offset) const;
};

/// What one node has on its disk. Ballot and snapshots are durable at once; changes of the log wait for a
/// flush, and a crash keeps only the first few of them, in order.
class SimDisk {
 public:
  Ballot ballot = {};
  std::map<LogEnd, Snapshot> snapshots = {};

  const Log& log() const { return log_; }
  const Log& durable() const { return durable_; }
  void append(Batch batch);
  void truncate(int64_t end_offset);
  /// The snapshot takes the place of the whole log.
  void restart_at(LogEnd snapshot);
  /// Deletes what lies below the snapshot.
  void trim(LogEnd snapshot);

  /// How many changes there have been; flush(mark) makes them durable.
  uint64_t mark() const { return done_; }
  void flush(uint64_t mark);
  /// Forgets some of the changes that were not flushed, from some point on.
  void crash(Rng& rng);

 private:
  using Change = std::variant<Batch, int64_t>;  // append, truncate
  static void apply(Log& log, const Change& change);

  Log log_, durable_;
  std::deque<Change> unflushed_;
  uint64_t done_ = 0;
};

}  // namespace kt::raft::sim
