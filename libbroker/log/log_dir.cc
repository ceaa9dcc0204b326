#include "libbroker/log/log_dir.h"

#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"

namespace kt::log {

Result<std::unique_ptr<LogDir>> LogDir::open(Disk& disk, std::string path) {
  std::unique_ptr<LogDir> dir(new LogDir(disk, std::move(path)));
  if (auto loaded = dir->load(); !loaded) return fail(loaded.error());
  return dir;
}

LogDir::~LogDir() = default;

Result<void> LogDir::load() {
  if (auto made = disk_.make_directory(path_); !made) return made;
  auto lock = disk_.lock(path_ + "/.lock");
  if (!lock) return fail(lock.error());
  lock_ = std::move(*lock);

  auto meta = read_meta_properties(disk_, path_);
  if (!meta) return fail(meta.error());
  meta_ = std::move(*meta);
  for (const std::string_view file :
       {recovery_point_file, log_start_file, high_watermark_file, cleaner_file}) {
    auto offsets = read_offset_checkpoint(disk_, path_ + "/" + std::string(file));
    if (!offsets) {
      // What can be found out again is no reason not to start; everything is then checked from the beginning.
      log_warn("log", "{}", offsets.error().message);
      offsets = OffsetCheckpoint{};
    }
    checkpoints_.emplace(file, std::move(*offsets));
  }
  if (auto listed = list(); !listed) return listed;
  const auto clean = read_clean_shutdown(disk_, path_);
  if (!clean) return fail(clean.error());
  clean_shutdown_ = *clean;
  return clean_shutdown_ ? remove_clean_shutdown(disk_, path_) : Result<void>{};
}

Result<void> LogDir::list() {
  const auto entries = disk_.list(path_);
  if (!entries) return fail(entries.error());
  for (const DirEntry& entry : *entries) {
    if (!entry.is_directory) continue;
    const auto directory = parse_directory_name(entry.name);
    if (!directory) {
      log_warn("log", "{}/{} is not named as a partition, it is left alone", path_, entry.name);
    } else if (directory->state == PartitionDirectory::State::live) {
      partitions_.push_back(directory->partition);
    } else if (directory->state == PartitionDirectory::State::deleted) {
      deleted_.push_back(path_ + "/" + entry.name);
    }
  }
  return {};
}

Result<void> LogDir::format(const MetaProperties& meta) {
  if (auto written = write_meta_properties(disk_, path_, meta); !written) return written;
  meta_ = meta;
  return {};
}

std::string LogDir::directory_of(const TopicPartition& partition) const {
  return path_ + "/" + directory_name(partition);
}

int64_t LogDir::checkpointed(std::string_view file, const TopicPartition& partition) const {
  const OffsetCheckpoint& offsets = checkpoints_.find(file)->second;
  const auto found = offsets.find(partition);
  return found == offsets.end() ? 0 : found->second;
}

OpenOptions LogDir::open_options(const TopicPartition& partition, int64_t now_ms) const {
  return {.is_clean = was_clean(),
          .recovery_point = checkpointed(recovery_point_file, partition),
          .log_start_offset = checkpointed(log_start_file, partition),
          .now_ms = now_ms};
}

int64_t LogDir::high_watermark(const TopicPartition& partition) const {
  return checkpointed(high_watermark_file, partition);
}

int64_t LogDir::cleaner_offset(const TopicPartition& partition) const {
  return checkpointed(cleaner_file, partition);
}

Result<std::string> LogDir::set_aside(const TopicPartition& partition, PartitionDirectory::State state,
                                      Rng& rng) {
  const std::string aside = path_ + "/" + directory_name(partition, state, rng);
  if (auto renamed = disk_.rename(directory_of(partition), aside); !renamed) return fail(renamed.error());
  if (auto synced = disk_.sync_directory(path_); !synced) return fail(synced.error());
  return aside;
}

Result<void> LogDir::remove(const std::string& directory) { return disk_.remove(directory); }

Result<void> LogDir::write_checkpoint(std::string_view file, const OffsetCheckpoint& offsets) {
  auto found = checkpoints_.find(file);
  if (found != checkpoints_.end() && found->second == offsets) return {};
  if (auto written = write_offset_checkpoint(disk_, path_ + "/" + std::string(file), offsets); !written)
    return written;
  checkpoints_.insert_or_assign(std::string(file), offsets);
  return {};
}

Result<void> LogDir::mark_clean(int64_t broker_epoch) {
  return write_clean_shutdown(disk_, path_, {broker_epoch});
}

}  // namespace kt::log
