#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"
#include "libbroker/log/offset_index.h"
#include "libbroker/log/wait.h"

namespace kt {
class File;
}

namespace kt::log {

class OpenFiles;

struct ReadOptions {
  size_t bytes_max = 1 << 20;
  int64_t upper_bound =
      0;  // batches that reach this offset are not read: high watermark, last stable offset, log end
  bool min_one_batch = false;  // the first batch is read whole even if it is larger than bytes_max
};

/// What was read: whole batches, but that the last one may be cut where bytes_max ends.
struct ReadOut {
  std::vector<Piece> pieces = {};
  size_t bytes = 0;
  /// Of the first batch, which may begin before the offset that was asked for. Its size is told also when it
  /// did not fit.
  int64_t first_offset = 0;
  size_t first_batch_bytes = 0;
  int64_t segment_base_offset = 0;
  uint64_t position = 0;  // in the segment
  /// No batch of the pieces reaches it. Without pieces, and beyond the offset that was asked for: there is
  /// nothing in between (compaction), read again from here.
  int64_t next_offset = 0;
};

/// A read of one segment that carries all it needs, so that any thread can do it without the log. A file that
/// is opened stays readable when the log deletes or renames it. Outlived by the OpenFiles.
struct SegmentRead {
  OpenFiles* files = nullptr;
  std::string path;                                // of the .log file
  std::string index_path;                          // of the .index file; unused when the positions are known
  std::shared_ptr<File> file;                      // null: to be opened
  std::optional<uint64_t> bytes;                   // how long the segment is; unknown: the whole file
  std::optional<OffsetIndex::Entry> offset_floor;  // no batch before this position reaches the offset
  std::optional<OffsetIndex::Entry> bound_floor;   // nor the upper bound; both known or none
  int64_t base_offset = 0;
  int64_t end_offset = 0;  // no batch of the segment reaches it
  int64_t offset = 0;
  ReadOptions options;
};

/// None when the reader may not wait and would have to. One that may wait gets none when the segment has left
/// the log since (retention, cleaning, truncation): ask the log again. Errors: the disk's; corrupt_message.
Result<std::optional<ReadOut>> read_segment(const SegmentRead& read, Wait wait);

}  // namespace kt::log
