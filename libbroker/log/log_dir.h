#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/log/checkpoints.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log.h"
#include "libbroker/log/meta_files.h"

namespace kt {
class Disk;
class File;
class Rng;
}  // namespace kt

namespace kt::log {

/// One directory of `log.dirs`: whose it is, which partitions lie in it, and what was checkpointed about
/// them. It holds
/// `.lock` for as long as it lives. All calls may wait for the disk; not thread-safe. Outlived by its disk.
class LogDir {
 public:
  /// Makes the directory if it is missing, locks it, and reads what is there. The mark of a clean stop is
  /// taken away: from here on a crash is one. Errors: kafka_storage_error, also when another process holds
  /// the lock.
  static Result<std::unique_ptr<LogDir>> open(Disk& disk, std::string path);
  ~LogDir();
  LogDir(const LogDir&) = delete;

  const std::string& path() const { return path_; }
  /// None: not formatted.
  const std::optional<MetaProperties>& meta() const { return meta_; }
  Result<void> format(const MetaProperties& meta);
  bool was_clean() const { return clean_shutdown_.has_value(); }
  /// The broker's epoch before a clean stop; -1 when it is not known (KIP-966).
  int64_t previous_broker_epoch() const { return clean_shutdown_ ? clean_shutdown_->broker_epoch : -1; }

  /// The partitions found, by name. Their logs are opened with open_options().
  const std::vector<TopicPartition>& partitions() const { return partitions_; }
  /// Directories that were marked deleted and not yet removed.
  const std::vector<std::string>& deleted_directories() const { return deleted_; }
  /// "<path>/topic-3"
  std::string directory_of(const TopicPartition& partition) const;
  /// As checkpointed when this was opened.
  OpenOptions open_options(const TopicPartition& partition, int64_t now_ms) const;
  int64_t high_watermark(const TopicPartition& partition) const;
  int64_t cleaner_offset(const TopicPartition& partition) const;

  /// Renames a partition's directory, whose log is closed: the name is free again, and after a crash it still
  /// is. Answers the new path, to be removed after file.delete.delay.ms (deleted), or to be looked at by
  /// somebody (stray).
  Result<std::string> set_aside(const TopicPartition& partition, PartitionDirectory::State state, Rng& rng);
  Result<void> remove(const std::string& directory);

  /// Replaces a checkpoint of all partitions in this directory: one of the names in checkpoints.h. Nothing is
  /// written if it says what it said.
  Result<void> write_checkpoint(std::string_view file, const OffsetCheckpoint& offsets);
  /// The last write of a clean stop, after all logs were closed and the checkpoints written.
  Result<void> mark_clean(int64_t broker_epoch);

 private:
  LogDir(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  Result<void> load();
  Result<void> list();
  int64_t checkpointed(std::string_view file, const TopicPartition& partition) const;

  Disk& disk_;
  const std::string path_;
  std::unique_ptr<File> lock_;
  std::optional<MetaProperties> meta_;
  std::optional<CleanShutdown> clean_shutdown_;
  std::vector<TopicPartition> partitions_;
  std::vector<std::string> deleted_;
  std::map<std::string, OffsetCheckpoint, std::less<>> checkpoints_;  // by file, as they are on the medium
};

}  // namespace kt::log
