#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/log/checkpoints.h"
#include "libbroker/log/replace_file.h"
#include "libbroker/log/segment.h"

namespace kt {
class Disk;
}

namespace kt::log {

/// Makes the files as they shall be. Blocks.
Result<void> write_images(Disk& disk, const std::vector<FileImage>& images);

/// Brings to the medium what a log had appended when it made the job. Carries all it needs: any thread runs
/// it without the log, then the log's owner hands it back with its outcome (Log::finish_flush).
class FlushJob {
 public:
  struct Outcome {
    Result<void> result;
    /// It may be tried again. Otherwise a flush failed, nobody knows what is on the medium, and the log is
    /// lost to us.
    bool may_retry = false;
  };
  /// Blocks.
  Outcome run(Disk& disk) const;
  /// Everything before it is on the medium once the job has run: the log's recovery point.
  int64_t end_offset() const { return end_offset_; }

 private:
  friend class Log;
  struct SegmentPart {
    int64_t base_offset = 0;
    std::shared_ptr<File> file;      // null: nothing to flush
    std::vector<FileImage> indexes;  // empty: nothing to write
  };

  Result<void> write(Disk& disk) const;
  Result<void> sync(Disk& disk) const;

  std::string directory_;
  uint64_t generation_ = 0;
  int64_t end_offset_ = 0;
  std::vector<SegmentPart> segments_;
  std::map<int64_t, std::vector<std::byte>> snapshots_;  // by offset
  std::optional<EpochEntries> epochs_;
  bool has_new_names_ = false, is_new_directory_ = false;
  bool syncs_epochs_ = true, syncs_names_ = true;
};

}  // namespace kt::log
