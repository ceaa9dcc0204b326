#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/base/slice.h"
#include "libbroker/raft/voter_set.h"
#include "libbroker/record/log_end.h"

// The quorum's RPCs as the core sees them: the one partition of the one topic, without the wire's nesting.
// node/ turns them into wire messages and back. A replica's place in its log is a LogEnd: the epoch of its
// last record, and its end offset.
namespace kt::raft {

using record::LogEnd;

/// Vote (52). KIP-595; pre-vote: KIP-996.
struct VoteRequest {
  std::optional<std::string> cluster_id = {};
  ReplicaKey to = {};  // id -1: not said (v0)
  ReplicaKey from = {};
  int32_t epoch = 0;
  LogEnd log_end = {};
  bool pre_vote = false;
};

/// BeginQuorumEpoch (53): the sender was elected.
struct BeginEpochRequest {
  std::optional<std::string> cluster_id = {};
  ReplicaKey to = {};
  int32_t leader_id = -1;
  int32_t epoch = 0;
  std::vector<Endpoint> leader_endpoints = {};  // none: those of the voter set
};

/// EndQuorumEpoch (54): the sender gives up its epoch.
struct EndEpochRequest {
  std::optional<std::string> cluster_id = {};
  int32_t leader_id = -1;
  int32_t epoch = 0;
  std::vector<ReplicaKey> successors = {};  // the most suitable first
  std::vector<Endpoint> leader_endpoints = {};
};

inline constexpr int64_t high_watermark_unknown = -1;
inline constexpr int64_t high_watermark_unsupported = INT64_MAX;  // Fetch before v18 (KIP-1166)

/// Fetch (1) of the metadata partition.
struct FetchRequest {
  std::optional<std::string> cluster_id = {};
  ReplicaKey from = {};  // id -1: a reader that is no replica
  int32_t leader_epoch = 0;
  LogEnd position = {};  // what the fetcher has; everything below it is durable there
  int64_t high_watermark = high_watermark_unsupported;
  int32_t max_wait_ms = 0;
};

/// FetchSnapshot (59). KIP-630.
struct FetchSnapshotRequest {
  std::optional<std::string> cluster_id = {};
  ReplicaKey from = {};
  int32_t leader_epoch = 0;
  LogEnd snapshot = {};
  int64_t position = 0;  // in bytes
};

using Request =
    std::variant<VoteRequest, BeginEpochRequest, EndEpochRequest, FetchRequest, FetchSnapshotRequest>;

/// What every reply begins with: what went wrong, and whom the answering node believes to lead.
struct ReplyHead {
  ErrorCode error = ErrorCode::none;
  int32_t epoch = -1;
  int32_t leader_id = -1;
  std::vector<Endpoint> leader_endpoints = {};
};

struct VoteReply {
  ReplyHead head = {};
  bool granted = false;
};
struct BeginEpochReply {
  ReplyHead head = {};
};
struct EndEpochReply {
  ReplyHead head = {};
};

/// A Fetch reply but for its records: at most one of `diverging` and `snapshot`, and then no records.
struct FetchResult {
  ReplyHead head = {};
  int64_t high_watermark = high_watermark_unknown;
  int64_t log_start = -1;
  std::optional<LogEnd> diverging = {};  // the follower's log differs from here on, if not earlier
  std::optional<LogEnd> snapshot = {};   // the follower has to begin with this snapshot
};
/// As the leader gives it: the driver adds the records [read_from, read_to), as many as it likes, at least
/// one batch.
struct FetchAnswer {
  FetchResult result = {};
  int64_t read_from = 0, read_to = 0;
};
/// One batch that a follower received, checked (CRC, length) and described by the driver.
struct ReceivedBatch {
  int32_t epoch = 0;
  int64_t base_offset = 0, last_offset = 0;
  Slice bytes = {};
  std::optional<int16_t> kraft_version = {};  // when the batch holds a KRaftVersionRecord
  std::optional<VoterSet> voters = {};        // when the batch holds a VotersRecord
};
/// As a follower receives it.
struct FetchReply {
  FetchResult result = {};
  std::vector<ReceivedBatch> batches = {};
};

/// As the leader gives it: where error is none, the driver reads the bytes, or answers SNAPSHOT_NOT_FOUND or
/// POSITION_OUT_OF_RANGE.
struct FetchSnapshotAnswer {
  ReplyHead head = {};
  LogEnd snapshot = {};
  int64_t position = 0;
};
/// As a follower receives it.
struct FetchSnapshotReply {
  ReplyHead head = {};
  LogEnd snapshot = {};
  int64_t position = 0;  // of the first of `bytes`
  int64_t size = 0;      // of the whole snapshot
  Slice bytes = {};
};
/// The request got no answer: no connection, connection lost, answer unreadable.
struct Failed {
  bool is_refused = false;  // nobody listens there: the process is gone
};

using Answer = std::variant<VoteReply, BeginEpochReply, EndEpochReply, FetchAnswer, FetchSnapshotAnswer>;
using Reply = std::variant<Failed, VoteReply, BeginEpochReply, EndEpochReply, FetchReply, FetchSnapshotReply>;

}  // namespace kt::raft
