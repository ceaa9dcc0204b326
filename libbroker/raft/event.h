#pragma once
#include <cstdint>
#include <optional>
#include <variant>

#include "libbroker/raft/messages.h"

// What can happen to a replica. Every event comes with the time, monotonic milliseconds.
namespace kt::raft {

/// deadline_ms() has come.
struct Tick {};
/// A request arrived. The answer comes with the same token, in this step or in a later one.
struct Received {
  uint64_t token = 0;
  Request request = {};
};
/// Whoever sent the request with this token is gone: no answer is needed.
struct Abandoned {
  uint64_t token = 0;
};
/// What became of a request that this replica sent.
struct Replied {
  uint64_t request_id = 0;
  Reply reply = {};
};
/// The controller wants `records` in the log, one batch of `count` records; its base offset and leader epoch
/// are set by the driver when it is appended.
struct Propose {
  uint64_t token = 0;
  int32_t epoch = 0;  // the one in which the records were decided
  Slice records = {};
  int32_t count = 0;
};
/// The log is durable up to `end_offset`. The driver hands back what Effects::flush asked for.
struct Flushed {
  int64_t end_offset = 0;
  uint32_t generation =
      0;  // rises when the log is truncated, so that a late report does not vouch for other records
};
/// This replica's state machine wrote a snapshot; its end is committed.
struct SnapshotTaken {
  LogEnd id = {};
};
/// The log below this snapshot is deleted.
struct LogTrimmed {
  LogEnd id = {};
};
/// The snapshot whose last chunk was handed out is durable, has replaced the log, and begins with these
/// voters. Is the next event after that chunk.
struct SnapshotInstalled {
  LogEnd id = {};
  int16_t kraft_version = 0;
  std::optional<VoterSet> voters = {};  // none: the snapshot holds no VotersRecord
};
/// Lead no more; where the node is about to stop, campaign no more either.
struct Resign {
  bool is_stopping = true;
};

using Event = std::variant<Tick, Received, Abandoned, Replied, Propose, Flushed, SnapshotTaken, LogTrimmed,
                           SnapshotInstalled, Resign>;

}  // namespace kt::raft
