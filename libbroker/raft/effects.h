#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "libbroker/raft/ballot.h"
#include "libbroker/raft/event.h"
#include "libbroker/raft/messages.h"

namespace kt::raft {

/// The control batch that opens a leader's epoch: one record for each part that is there, in this order.
struct EpochStart {
  int64_t base_offset = 0;
  int32_t epoch = 0;
  int32_t leader_id = -1;
  std::vector<ReplicaKey> voters = {}, granting_voters = {};  // LeaderChangeMessage
  std::optional<int16_t> kraft_version = {};                  // KRaftVersionRecord
  std::optional<VoterSet> new_voters = {};                    // VotersRecord
  int32_t count() const { return 1 + kraft_version.has_value() + new_voters.has_value(); }
};
/// A proposed batch, to be given this base offset and leader epoch.
struct Proposal {
  int64_t base_offset = 0;
  int32_t epoch = 0;
  Slice records = {};
};
/// A batch from the leader, as it is.
struct Replicated {
  int64_t base_offset = 0;
  Slice bytes = {};
};
using Append = std::variant<EpochStart, Proposal, Replicated>;

struct SentRequest {
  uint64_t request_id = 0;
  int32_t to =
      -1;  // a node; below -1: bootstrap server number -2 - to. Raft::endpoints_of() knows the addresses
  Request request = {};
};
struct GivenAnswer {
  uint64_t token = 0;
  Answer answer = {};
};
/// A proposal's fate: its base offset, or NOT_LEADER_OR_FOLLOWER and nothing was appended.
struct Proposed {
  uint64_t token = 0;
  ErrorCode error = ErrorCode::none;
  int64_t base_offset = -1;
};
/// Bytes of a snapshot that is being fetched. At position 0 a new download begins, and what was there is
/// dropped. After the last chunk the driver makes the snapshot durable, lets it replace the log, and gives
/// SnapshotInstalled.
struct SnapshotChunk {
  LogEnd id = {};
  int64_t position = 0;
  Slice bytes = {};
  bool last = false;
};
struct Leadership {
  int32_t epoch = 0;
  std::optional<int32_t> leader_id = {};
  std::optional<int64_t> epoch_start_offset = {};  // set when this replica leads
  bool operator==(const Leadership&) const = default;
};

/// What the driver does after a step, in this order. A failure to persist, truncate or append stops the
/// replica.
struct Effects {
  std::optional<Ballot> persist = {};       // made durable before anything else: a vote must survive a crash
  std::optional<int64_t> truncate_to = {};  // removes records at and above this offset
  std::vector<Append> append = {};
  std::optional<SnapshotChunk> snapshot = {};
  std::optional<Flushed> flush = {};  // make the log durable, now or later, then give this back as an event
  std::optional<int64_t> high_watermark = {};  // rose: records below it may be applied
  std::optional<Leadership> leadership = {};   // changed
  std::vector<Proposed> proposed = {};
  std::vector<GivenAnswer> answers = {};
  std::vector<SentRequest> send = {};
  std::vector<std::string> warnings = {};  // a peer does what a correct one does not
};

}  // namespace kt::raft
