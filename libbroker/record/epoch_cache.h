#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/record/log_end.h"

namespace kt::record {

/// At which offset each leader epoch of a log began (KIP-101, KIP-279, KIP-320). Epochs and offsets both
/// strictly ascend: the later statement wins over what contradicts it. What changes it answers whether there
/// is something new to write to `leader-epoch-checkpoint`.
class EpochCache {
 public:
  struct Entry {
    int32_t epoch = 0;
    int64_t start_offset = 0;
    bool operator==(const Entry&) const = default;
  };

  EpochCache() = default;
  /// From a checkpoint; entries that contradict later ones are dropped.
  explicit EpochCache(std::span<const Entry> entries);

  /// Notes that `epoch` (>= 0) begins at `start_offset` (>= 0), unless it is the latest and began before.
  bool assign(int32_t epoch, int64_t start_offset);
  /// The log now ends at `end_offset`: forgets epochs that begin there or later.
  bool truncate_from_end(int64_t end_offset);
  /// The log now begins at `start_offset`: so does the epoch that it lies in, and older ones are forgotten.
  bool truncate_from_start(int64_t start_offset);
  void clear() { entries_.clear(); }

  /// OffsetForLeaderEpoch: the largest known epoch <= `epoch`, and where it ends. The latest ends at
  /// `log_end_offset`; an epoch older than all known ends where the first known begins; none for one that is
  /// newer than all.
  std::optional<LogEnd> end_offset_for(int32_t epoch, int64_t log_end_offset) const;
  /// The epoch of the record at `offset`; none before the first entry.
  std::optional<int32_t> epoch_for_offset(int64_t offset) const;

  std::optional<int32_t> latest_epoch() const;
  std::optional<Entry> earliest() const;
  std::optional<Entry> latest() const;
  std::span<const Entry> entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace kt::record
