#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/replace_file.h"
#include "libbroker/record/epoch_cache.h"

namespace kt {
class Disk;
}

namespace kt::log {

/// Text files that are replaced as a whole: a version line "0", the count of entries, a line per entry.
///
///     file   = "0" newline count newline line{count}
///     line   = topic " " partition " " offset newline       ; OffsetCheckpoint
///            | epoch " " start-offset newline               ; leader-epoch-checkpoint
///
/// A missing or empty file has no entries. Errors: kafka_storage_error, also for a file that is not of this
/// form.

inline constexpr std::string_view recovery_point_file = "recovery-point-offset-checkpoint",
                                  log_start_file = "log-start-offset-checkpoint",
                                  high_watermark_file = "replication-offset-checkpoint",
                                  cleaner_file = "cleaner-offset-checkpoint",
                                  leader_epoch_file = "leader-epoch-checkpoint";

using OffsetCheckpoint = std::map<TopicPartition, int64_t>;
Result<OffsetCheckpoint> read_offset_checkpoint(Disk& disk, const std::string& path);
Result<void> write_offset_checkpoint(Disk& disk, const std::string& path, const OffsetCheckpoint& offsets);

using EpochEntries = std::vector<record::EpochCache::Entry>;
Result<EpochEntries> read_epoch_checkpoint(Disk& disk, const std::string& path);
Result<void> write_epoch_checkpoint(Disk& disk, const std::string& path,
                                    std::span<const record::EpochCache::Entry> entries,
                                    Flush flush = Flush::files);

}  // namespace kt::log
