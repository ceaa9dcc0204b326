#include "libbroker/node/log_directories.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/logger.h"
#include "libbroker/node/format_files.h"
#include "libbroker/node/quorum_messages.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.LogDirectories";

}  // namespace

Result<void> LogDirectories::open(const metadata::BrokerConfig& config, bool may_format,
                                  const std::string& cluster_id) {
  std::vector<std::string> paths = config.log_dirs;
  if (std::ranges::find(paths, config.metadata_log_dir) == paths.end())
    paths.push_back(config.metadata_log_dir);
  std::vector<Found> found;
  for (const std::string& path : paths) {
    directories_.push_back(
        {.path = path, .has_partitions = std::ranges::find(config.log_dirs, path) != config.log_dirs.end()});
    found.emplace_back();
    if (auto opened = tolerate(open_one(path, found.back()), path, config); !opened) return opened;
  }
  if (auto agreed = agree(config, may_format, cluster_id, found); !agreed) return agreed;
  for (Directory& directory : directories_) {
    if (!is_online(directory.path)) continue;
    if (auto read = tolerate(read_contents(directory), directory.path, config); !read) return read;
  }
  return {};
}

/// A disk's failure costs its directory, unless the metadata is there or nothing is left.
Result<void> LogDirectories::tolerate(Result<void> outcome, const std::string& path,
                                      const metadata::BrokerConfig& config) {
  if (outcome || outcome.error().code != ErrorCode::kafka_storage_error || path == config.metadata_log_dir)
    return outcome;
  log_error(component, "log directory {} is offline: {}", path, outcome.error().message);
  if (!take_offline(path)) return outcome;
  return {};
}

Result<void> LogDirectories::open_one(const std::string& path, Found& found) {
  if (auto made = disk_.make_directory(path); !made) return made;
  const auto entries = disk_.list(path);
  if (!entries) return fail(entries.error());  // or the lock would seem to be held
  auto lock = disk_.lock(path + "/.lock");
  if (!lock) {
    if (auto opened = disk_.open(path + "/.lock", Disk::Mode::create); !opened) return fail(opened.error());
    return fail(
        ErrorCode::invalid_config,
        fmt::format("Failed to acquire lock on file .lock in {}. A Kafka or kt instance in another process "
                    "or thread is using this directory.",
                    path));
  }
  locks_.push_back(std::move(*lock));
  auto properties = log::read_meta_properties(disk_, path);
  if (!properties) return fail(properties.error());
  if (!*properties) sync_parents(disk_, path);  // before it is formatted, so once is enough
  found.properties = *properties;
  for (const DirEntry& entry : *entries) {
    const auto parsed = entry.is_directory ? log::parse_directory_name(entry.name) : std::nullopt;
    if (!parsed) continue;
    (parsed->partition.topic == metadata_topic ? found.has_metadata : found.has_partitions) = true;
  }
  return {};
}

Result<void> LogDirectories::read_contents(Directory& directory) {
  const auto clean = log::read_clean_shutdown(disk_, directory.path);
  if (!clean) return fail(clean.error());
  directory.was_left_clean = clean->has_value();
  if (*clean) directory.broker_epoch = (*clean)->broker_epoch;
  if (!mutants_.has(Mutant::node_clean_marker_kept)) {
    if (auto removed = log::remove_clean_shutdown(disk_, directory.path); !removed) return removed;
  }

  const auto checkpoint = [&](std::string_view file) {
    return log::read_offset_checkpoint(disk_, directory.path + "/" + std::string(file));
  };
  const auto recovery = checkpoint(log::recovery_point_file), start = checkpoint(log::log_start_file),
             high = checkpoint(log::high_watermark_file);
  for (const auto* one : {&recovery, &start, &high}) {
    if (!*one) return fail(one->error());
  }
  auto& offsets = checkpoints_[directory.path];
  for (const auto& [partition, offset] : *recovery) offsets[partition].recovery_point = offset;
  for (const auto& [partition, offset] : *start) offsets[partition].log_start = offset;
  for (const auto& [partition, offset] : *high) offsets[partition].high_watermark = offset;

  const auto entries = disk_.list(directory.path);
  if (!entries) return fail(entries.error());
  auto& contents = contents_[directory.path];
  for (const DirEntry& entry : *entries) {
    const auto parsed = entry.is_directory ? log::parse_directory_name(entry.name) : std::nullopt;
    const bool is_metadata =
        parsed && parsed->partition.topic == metadata_topic;  // the quorum's, not the broker's
    if (parsed && !is_metadata && parsed->state == log::PartitionDirectory::State::live)
      contents[parsed->partition] = true;
  }
  std::erase_if(offsets, [&](const auto& of) { return !contents.contains(of.first); });
  return {};
}

int64_t LogDirectories::previous_broker_epoch() {
  std::optional<int64_t> common;
  for (const Directory& directory : directories_) {
    if (!directory.has_partitions) continue;
    const int64_t epoch = is_online(directory.path) ? directory.broker_epoch : -1;
    if (common.value_or(epoch) != epoch) return -1;
    common = epoch;
  }
  return common.value_or(-1);
}

std::vector<Uuid> LogDirectories::ids(bool online) {
  const std::lock_guard lock(mutex_);
  std::vector<Uuid> ids;
  for (const Directory& directory : directories_) {
    if (directory.has_partitions && offline_[directory.path] != online && !directory.id.is_zero())
      ids.push_back(directory.id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> LogDirectories::online_paths() {
  std::vector<std::string> paths;
  for (const Directory& directory : directories_)
    if (is_online(directory.path)) paths.push_back(directory.path);
  return paths;
}

Uuid LogDirectories::id_of(const std::string& path) const {
  const auto found = std::ranges::find(directories_, path, &Directory::path);
  return found != directories_.end() ? found->id : Uuid{};
}

std::string LogDirectories::path_of(const Uuid& id) const {
  const auto found = std::ranges::find(directories_, id, &Directory::id);
  return found != directories_.end() ? found->path : "";
}

bool LogDirectories::is_online(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return !offline_[path];
}

bool LogDirectories::take_offline(const std::string& path) {
  const std::lock_guard lock(mutex_);
  offline_[path] = true;
  return std::ranges::any_of(directories_, [&](const Directory& directory) {
    return directory.has_partitions && !offline_[directory.path];
  });
}

Result<LogDirectories::Place> LogDirectories::place(const log::TopicPartition& partition,
                                                    const Uuid& assigned) {
  const std::lock_guard lock(mutex_);
  const bool is_assigned =
      assigned != metadata::directory_unassigned && assigned != metadata::directory_migrating;
  const Directory* best = nullptr;
  for (const Directory& directory : directories_) {
    const bool is_there =
        contents_[directory.path].contains(partition) || (is_assigned && directory.id == assigned);
    if (is_there && offline_[directory.path])
      return fail(ErrorCode::kafka_storage_error, "its log directory " + directory.path + " is offline");
    if (is_there) {
      contents_[directory.path][partition] = true;
      return Place{directory.path};
    }
    if (offline_[directory.path] || !directory.has_partitions) continue;
    if (!best || contents_[directory.path].size() < contents_[best->path].size()) best = &directory;
  }
  // It may lie in a directory that could not be read: made anew elsewhere, its records would be gone.
  if (is_assigned && std::ranges::any_of(directories_, [this](const Directory& directory) {
        return offline_[directory.path];
      })) {
    return fail(ErrorCode::kafka_storage_error, "its log directory " + assigned.text() + " is offline");
  }
  if (!best) return fail(ErrorCode::kafka_storage_error, "all log directories are offline");
  contents_[best->path][partition] = true;
  return Place{best->path, true};
}

void LogDirectories::take_back(const Place& place, const log::TopicPartition& partition) {
  const std::lock_guard lock(mutex_);
  if (place.is_new) contents_[place.path].erase(partition);
}

log::OpenOptions LogDirectories::open_options(const std::string& path, const log::TopicPartition& partition,
                                              const Uuid& topic_id) {
  const auto directory = std::ranges::find(directories_, path, &Directory::path);
  const std::lock_guard lock(mutex_);
  const auto found = checkpoints_[path].find(partition);
  const Offsets offsets = found != checkpoints_[path].end() ? found->second : Offsets{};
  return {.is_clean = directory != directories_.end() && directory->was_left_clean,
          .recovery_point = offsets.recovery_point,
          .log_start_offset = offsets.log_start,
          .now_ms = clock_.wall_ms(),
          .topic_id = topic_id};
}

int64_t LogDirectories::high_watermark(const std::string& path, const log::TopicPartition& partition) {
  const std::lock_guard lock(mutex_);
  const auto found = checkpoints_[path].find(partition);
  return found != checkpoints_[path].end() ? found->second.high_watermark : 0;
}

Result<std::string> LogDirectories::rename_away(const std::string& path, const log::TopicPartition& partition,
                                                log::PartitionDirectory::State state) {
  const std::string from = path + "/" + log::directory_name(partition);
  std::string to;
  {
    const std::lock_guard lock(mutex_);
    contents_[path].erase(partition);
    checkpoints_[path].erase(partition);
    to = path + "/" + log::directory_name(partition, state, rng_);
  }
  const auto exists = disk_.exists(from);
  if (!exists) return fail(exists.error());
  if (!*exists) return std::string();
  if (auto renamed = disk_.rename(from, to); !renamed) return fail(renamed.error());
  if (auto synced = disk_.sync_directory(path); !synced) return fail(synced.error());
  return to;
}

std::vector<std::string> LogDirectories::leftovers() {
  std::vector<std::string> paths;
  for (const Directory& directory : directories_) {
    const auto entries = disk_.list(directory.path);
    if (!entries) continue;
    for (const DirEntry& entry : *entries) {
      const auto parsed = entry.is_directory ? log::parse_directory_name(entry.name) : std::nullopt;
      if (parsed && parsed->state == log::PartitionDirectory::State::deleted)
        paths.push_back(directory.path + "/" + entry.name);
    }
  }
  return paths;
}

std::vector<std::pair<std::string, log::TopicPartition>> LogDirectories::found() {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, log::TopicPartition>> all;
  for (const auto& [path, partitions] : contents_) {
    for (const auto& [partition, there] : partitions) all.emplace_back(path, partition);
  }
  return all;
}

Result<void> LogDirectories::write_checkpoints(const Directory& directory,
                                               const std::map<log::TopicPartition, Offsets>& now) {
  const std::lock_guard writing(checkpointing_);
  log::OffsetCheckpoint recovery, start, high;
  {
    const std::lock_guard lock(mutex_);
    if (offline_[directory.path] || !directory.has_partitions) return {};
    auto& remembered = checkpoints_[directory.path];
    const auto& there = contents_[directory.path];
    for (const auto& [partition, at] : now)
      if (there.contains(partition)) remembered[partition] = at;  // else it has been renamed away meanwhile
    for (const auto& [partition, at] : remembered) {
      recovery[partition] = at.recovery_point;
      if (at.log_start > 0) start[partition] = at.log_start;
      high[partition] = at.high_watermark;
    }
  }
  const auto write = [&](std::string_view file, const log::OffsetCheckpoint& checkpoint) {
    return log::write_offset_checkpoint(disk_, directory.path + "/" + std::string(file), checkpoint);
  };
  if (auto done = write(log::recovery_point_file, recovery); !done) return done;
  if (auto done = write(log::log_start_file, start); !done) return done;
  return write(log::high_watermark_file, high);
}

std::map<std::string, Error> LogDirectories::write_checkpoints(
    const std::map<std::string, std::map<log::TopicPartition, Offsets>>& offsets) {
  std::map<std::string, Error> failed;
  for (const Directory& directory : directories_) {
    const auto found = offsets.find(directory.path);
    const std::map<log::TopicPartition, Offsets> none;
    if (auto done = write_checkpoints(directory, found != offsets.end() ? found->second : none); !done)
      failed.emplace(directory.path, std::move(done.error()));
  }
  return failed;
}

Result<void> LogDirectories::forget(const std::string& path,
                                    const std::vector<log::TopicPartition>& partitions) {
  const auto directory = std::ranges::find(directories_, path, &Directory::path);
  size_t forgotten = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const log::TopicPartition& partition : partitions) {
      contents_[path].erase(partition);
      forgotten += checkpoints_[path].erase(partition);
    }
  }
  if (directory == directories_.end() || forgotten == 0) return {};
  return write_checkpoints(*directory, {});
}

Result<void> LogDirectories::mark_clean(int64_t broker_epoch) {
  for (const Directory& directory : directories_) {
    if (!directory.has_partitions) continue;
    if (!is_online(directory.path)) {
      log_warn(component, "{} is offline, so it is not marked as cleanly stopped", directory.path);
      continue;
    }
    if (!is_all_opened_ && !directory.was_left_clean)
      continue;  // nobody has looked at its logs since a crash
    const int64_t epoch = broker_epoch >= 0 ? broker_epoch : directory.broker_epoch;
    if (auto done = log::write_clean_shutdown(disk_, directory.path, {epoch}); !done) return done;
  }
  return {};
}

}  // namespace kt::node
