#pragma once
#include <cstdint>
#include <optional>

#include "libbroker/base/mutants.h"
#include "libbroker/record/epoch_cache.h"
#include "libbroker/record/log_end.h"

namespace kt::partition {

/// What has to become of a follower's log before it can go on fetching.
struct LogCut {
  enum class Kind : uint8_t {
    none,       // nothing: it goes on at its end
    truncate,   // what is at or beyond `offset` goes
    start_over  // everything goes, and the next record is the one at `offset`
  };
  Kind kind = Kind::none;
  int64_t offset = 0;
  bool operator==(const LogCut&) const = default;
};

/// The leader's log and this one parted (R8, KIP-320). `diverging` is the last epoch of the leader's that is
/// not newer than the one last fetched here, and where it ended there. After the cut the follower asks again;
/// a log that knows other epochs than the leader gets there in several rounds (KIP-279).
LogCut on_diverging(const record::LogEnd& diverging, const record::EpochCache& own, int64_t own_end,
                    Mutants mutants = {});

/// The leader has no record at this log's end (R9): it was elected uncleanly and ends earlier, or it has
/// deleted everything that would come next. The offsets are the leader's.
LogCut on_out_of_range(int64_t leader_start, int64_t leader_end, int64_t own_end);

/// The leader sends a batch that begins before this log ends: the one in which its own log has begun since
/// records were deleted. A log without records begins with the batch, whose end it does not have; for another
/// it is no batch to append, and nothing is to be cut (Kafka's UnexpectedAppendOffsetException).
LogCut on_earlier_batch(int64_t base_offset, int64_t last_offset, int64_t own_start, int64_t own_end);

}  // namespace kt::partition
