#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/mutants.h"
#include "libbroker/base/rng.h"
#include "libbroker/log/checkpoints.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/metadata/image.h"

namespace kt::node {

/// The log.dirs of a broker: whose they are, what lies in them, and the checkpoint files. One that fails goes
/// offline with a clear message while the rest serves. Any thread.
class LogDirectories {
 public:
  struct Directory {
    std::string path;
    Uuid id;
    bool has_partitions = true;  // one of log.dirs; false: the metadata alone is there (metadata.log.dir)
    bool was_left_clean = false;
    int64_t broker_epoch = -1;  // of the clean stop, if it was one
  };

  LogDirectories(Disk& disk, Clock& clock, Rng& rng, Mutants mutants = {})
      : disk_(disk), clock_(clock), rng_(rng), mutants_(mutants) {}

  /// Locks, reads and, where `may_format`, formats the directories: all of one node and one cluster, which is
  /// `cluster_id` where that is not empty, else theirs, else one whose id is made up. Blocks. A directory
  /// whose disk fails is offline from the start. Errors: invalid_config or kafka_storage_error with one clear
  /// sentence.
  Result<void> open(const metadata::BrokerConfig& config, bool may_format,
                    const std::string& cluster_id = "");

  const std::string& cluster_id() const { return cluster_id_; }
  int32_t node_id() const { return node_id_; }
  const std::vector<Directory>& all() const { return directories_; }
  /// The epoch in which the broker stopped cleanly; -1 unless every log directory says so, and the same:
  /// where one cannot be read, or was lost before the stop, acknowledged records may be missing.
  int64_t previous_broker_epoch();
  std::vector<Uuid> online_ids() { return ids(true); }
  std::vector<Uuid> offline_ids() { return ids(false); }
  Uuid id_of(const std::string& path) const;
  std::string path_of(const Uuid& id) const;
  std::vector<std::string> online_paths();
  bool is_online(const std::string& path);
  /// From now on nothing is placed there. Returns whether any directory is left.
  bool take_offline(const std::string& path);

  /// Where a partition lies: where it is already or is assigned to, else (`is_new`) the directory with the
  /// fewest partitions. Errors: kafka_storage_error when that is offline.
  struct Place {
    std::string path;
    bool is_new = false;
  };
  Result<Place> place(const log::TopicPartition& partition, const Uuid& assigned);
  /// It came to nothing: the next place() may choose another directory.
  void take_back(const Place& place, const log::TopicPartition& partition);
  /// How to open the log of a partition that may lie in `path`.
  log::OpenOptions open_options(const std::string& path, const log::TopicPartition& partition,
                                const Uuid& topic_id);
  /// As checkpointed; 0 when it never was.
  int64_t high_watermark(const std::string& path, const log::TopicPartition& partition);

  /// Takes partitions out of the checkpoint files, before they are renamed away: another of their name would
  /// begin, after a crash, where they did. Errors: the disk's.
  Result<void> forget(const std::string& path, const std::vector<log::TopicPartition>& partitions);
  /// Renames a partition's directory away, of a deleted topic to be removed after a while, or as a stray;
  /// returns the new path, empty when there was none. Errors: the disk's.
  Result<std::string> rename_away(
      const std::string& path, const log::TopicPartition& partition,
      log::PartitionDirectory::State state = log::PartitionDirectory::State::deleted);
  /// Directories left over from deleted topics.
  std::vector<std::string> leftovers();
  /// Partition directories found at the start, by directory path.
  std::vector<std::pair<std::string, log::TopicPartition>> found();

  /// Remembers and writes checkpoints: recovery points, log starts, high watermarks.
  struct Offsets {
    int64_t recovery_point = 0, log_start = 0, high_watermark = 0;
  };
  /// Returns the directories in which that failed.
  std::map<std::string, Error> write_checkpoints(
      const std::map<std::string, std::map<log::TopicPartition, Offsets>>& offsets);
  /// Every log that lies here has been opened, and recovered where it had to be.
  void all_opened() { is_all_opened_ = true; }
  /// The last word of a clean stop, after everything was flushed. A directory that a crash left and whose
  /// logs were not all opened since stays as it is. `broker_epoch` -1: not registered, that of the last stop
  /// holds.
  Result<void> mark_clean(int64_t broker_epoch);

 private:
  /// What a directory is found to hold, before anything is written to it.
  struct Found {
    std::optional<log::MetaProperties> properties = {};
    bool has_partitions = false, has_metadata = false;
  };
  Result<void> open_one(const std::string& path, Found& found);
  Result<void> tolerate(Result<void> outcome, const std::string& path, const metadata::BrokerConfig& config);
  Result<void> agree(const metadata::BrokerConfig& config, bool may_format, const std::string& cluster_id,
                     const std::vector<Found>& found);
  Result<void> check_owners(const std::vector<Found>& found);
  Result<void> check_places(const metadata::BrokerConfig& config, const std::vector<Found>& found) const;
  Result<void> check_formatted(const metadata::BrokerConfig& config, bool may_format,
                               const std::vector<Found>& found);
  Result<void> read_contents(Directory& directory);
  /// `now`: of the partitions that still lie there.
  Result<void> write_checkpoints(const Directory& directory,
                                 const std::map<log::TopicPartition, Offsets>& now);
  std::vector<Uuid> ids(bool online);

  Disk& disk_;
  Clock& clock_;
  Rng& rng_;
  const Mutants mutants_;
  std::string cluster_id_;
  int32_t node_id_ = -1;
  std::vector<Directory> directories_;
  std::vector<std::unique_ptr<File>> locks_;
  bool is_all_opened_ = false;  // on the control loop

  std::mutex checkpointing_;  // one writer at a time; taken before mutex_
  std::mutex mutex_;          // guards what follows
  std::map<std::string, bool> offline_;
  std::map<std::string, std::map<log::TopicPartition, Offsets>> checkpoints_;
  std::map<std::string, std::map<log::TopicPartition, bool>> contents_;
};

}  // namespace kt::node
