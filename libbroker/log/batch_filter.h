#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/compression.h"

namespace kt::log {

class OffsetMap;

/// What compaction leaves of a batch. Offsets, producer and sequences stay; of the records, those that are
/// the newest of their key or lie beyond what the map knows. Tombstones stay until the batch's delete
/// horizon, which is set when they are first met (KIP-534). Holds buffers: one per cleaning. Outlived by the
/// map.
class BatchFilter {
 public:
  struct Times {
    int64_t now_ms = 0;
    int64_t delete_retention_ms = 0;
  };
  /// The map knows every key up to `map_end_offset`, exclusive.
  BatchFilter(const OffsetMap& map, int64_t map_end_offset, const Times& times)
      : map_(map), map_end_offset_(map_end_offset), times_(times) {}

  /// What is to be done with a batch whatever its records are.
  struct Verdict {
    bool keeps_header =
        false;  // stays without records when none is left: its producer's last, or its segment's last
    bool drops_records = false;  // of an aborted transaction, or a marker whose time has come
    bool sets_horizon = false;   // a marker whose transaction is gone: its time begins
  };
  /// The bytes to write, until the next call: the batch itself, another one, or nothing. Errors:
  /// corrupt_message.
  Result<std::span<const std::byte>> filter(const record::BatchView& batch, const Verdict& verdict);

 private:
  struct Walk {
    bool keeps_all = true, has_tombstone = false;
    int32_t kept = 0;
  };
  bool keeps(const record::BatchView& batch, const record::RecordView& record) const;
  Result<Walk> look_at(const record::BatchView& batch, std::span<const std::byte> records,
                       bool drops_records) const;
  std::span<const std::byte> rebuild(const record::BatchView& batch, std::span<const std::byte> records,
                                     bool sets_horizon);

  const OffsetMap& map_;
  const int64_t map_end_offset_;
  const Times times_;
  record::Decompressor decompressor_;
  std::vector<std::byte> plain_, built_;
};

}  // namespace kt::log
