#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/base/mutants.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/11_join_group.h"
#include "libbroker/wire/12_heartbeat.h"
#include "libbroker/wire/13_leave_group.h"
#include "libbroker/wire/14_sync_group.h"
#include "libbroker/wire/47_offset_delete.h"

namespace kt::group {

/// A record of the coordinator's log (`__consumer_offsets`). No value: a tombstone.
struct Record {
  std::vector<std::byte> key;
  std::optional<std::vector<std::byte>> value;
  bool operator==(const Record&) const = default;
};

/// When a step is taken: milliseconds since 1970 for what is written, and since whenever, never backwards,
/// for sessions and rebalances, which a clock that is set must neither end nor hold up.
struct Now {
  int64_t wall_ms = 0, steady_ms = 0;
};

inline constexpr int64_t never_ms = INT64_MAX;

/// Names a request to the driver, which made it.
using Token = uint64_t;

struct GroupDeleted {
  ErrorCode error_code = ErrorCode::none;
};
using Answer = std::variant<wire::JoinGroupResponse, wire::SyncGroupResponse, wire::HeartbeatResponse,
                            wire::LeaveGroupResponse, wire::OffsetCommitResponse, wire::OffsetDeleteResponse,
                            GroupDeleted>;

/// What the driver does after a step, in this order: append `records` (all or none), give them to apply(), and once they
/// are committed send `answers`. When the append fails it calls append_failed() instead.
struct Step {
  struct Answered {
    Token token;
    Answer answer;
  };
  std::string group;
  std::vector<Record> records;
  std::vector<Answered> answers;
};

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// A committed position. Times in ms since 1970.
struct CommittedOffset {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_ms = 0;
  int64_t expire_ms = -1;  // -1: by the broker's retention
  bool operator==(const CommittedOffset&) const = default;
};

/// Broker settings that the coordinator goes by.
struct Options {
  int32_t session_timeout_ms_min = 6'000;         // group.min.session.timeout.ms
  int32_t session_timeout_ms_max = 1'800'000;     // group.max.session.timeout.ms
  int32_t initial_rebalance_delay_ms = 3'000;     // group.initial.rebalance.delay.ms
  int32_t group_size_max = INT32_MAX;             // group.max.size
  int32_t offset_metadata_bytes_max = 4'096;      // offset.metadata.max.bytes
  int64_t offsets_retention_ms = 7 * 86'400'000;  // offsets.retention.minutes
  Mutants mutants = {};
};

}  // namespace kt::group
