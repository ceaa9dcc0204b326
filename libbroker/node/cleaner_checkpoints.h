#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/disk.h"
#include "libbroker/log/checkpoints.h"

namespace kt::node {

/// How far each compacted log is clean: `cleaner-offset-checkpoint` in every log directory, as Apache Kafka
/// keeps it. Any thread.
class CleanerCheckpoints {
 public:
  explicit CleanerCheckpoints(Disk& disk) : disk_(disk) {}

  /// Reads a directory's file. One that cannot be read is as one without entries: what is clean is cleaned
  /// again. Blocks.
  void read(const std::string& directory);
  std::optional<int64_t> find(const std::string& directory, const log::TopicPartition& partition);
  /// Not when `is_gone` says so, under the lock that remove() takes.
  void put(const std::string& directory, const log::TopicPartition& partition, int64_t clean_offset,
           const std::function<bool()>& is_gone);
  /// Whether there was one.
  bool remove(const std::string& directory, const log::TopicPartition& partition);
  /// Brings what was put and removed to the directory's file. Blocks.
  Result<void> write(const std::string& directory);

 private:
  Disk& disk_;
  std::mutex writing_mutex_;  // one writer at a time; taken before mutex_
  std::mutex mutex_;          // guards what follows
  std::map<std::string, log::OffsetCheckpoint> by_directory_;
};

}  // namespace kt::node
