#include "libbroker/node/cleaner_checkpoints.h"

#include <utility>

#include "libbroker/base/logger.h"

namespace kt::node {
namespace {

std::string path_in(const std::string& directory) { return directory + "/" + std::string(log::cleaner_file); }

}  // namespace

void CleanerCheckpoints::read(const std::string& directory) {
  auto offsets = log::read_offset_checkpoint(disk_, path_in(directory));
  if (!offsets) log_warn("kt.LogCleaner", "{}", offsets.error().message);
  const std::lock_guard lock(mutex_);
  by_directory_[directory] = offsets ? std::move(*offsets) : log::OffsetCheckpoint{};
}

std::optional<int64_t> CleanerCheckpoints::find(const std::string& directory,
                                                const log::TopicPartition& partition) {
  const std::lock_guard lock(mutex_);
  const log::OffsetCheckpoint& offsets = by_directory_[directory];
  const auto found = offsets.find(partition);
  return found != offsets.end() ? std::optional(found->second) : std::nullopt;
}

void CleanerCheckpoints::put(const std::string& directory, const log::TopicPartition& partition,
                             int64_t clean_offset, const std::function<bool()>& is_gone) {
  const std::lock_guard lock(mutex_);
  if (!is_gone()) by_directory_[directory][partition] = clean_offset;
}

bool CleanerCheckpoints::remove(const std::string& directory, const log::TopicPartition& partition) {
  const std::lock_guard lock(mutex_);
  return by_directory_[directory].erase(partition) > 0;
}

Result<void> CleanerCheckpoints::write(const std::string& directory) {
  const std::lock_guard writing(writing_mutex_);
  log::OffsetCheckpoint offsets;
  {
    const std::lock_guard lock(mutex_);
    offsets = by_directory_[directory];
  }
  return log::write_offset_checkpoint(disk_, path_in(directory), offsets);
}

}  // namespace kt::node
