#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "libbroker/base/result.h"
#include "libbroker/base/uuid.h"

namespace kt {
class Disk;
}

namespace kt::log {

/// Small files that say whose a directory is. Errors: kafka_storage_error, also for a file that cannot be
/// understood.

/// `meta.properties` of a log dir: which node of which cluster it belongs to. A file of version 0
/// (ZooKeeper's age) calls the node broker.id.
struct MetaProperties {
  static constexpr const char* file = "meta.properties";
  int version = 1;
  std::optional<std::string> cluster_id;
  std::optional<int32_t> node_id;
  std::optional<Uuid> directory_id;
  bool operator==(const MetaProperties&) const = default;
};
/// None when the directory has none: it is not formatted.
Result<std::optional<MetaProperties>> read_meta_properties(Disk& disk, const std::string& log_dir);
Result<void> write_meta_properties(Disk& disk, const std::string& log_dir, const MetaProperties& properties);

/// `partition.metadata` of a partition: the id of its topic. None when there is no such file, or an empty
/// one.
inline constexpr const char* partition_metadata_file = "partition.metadata";
Result<std::optional<Uuid>> read_topic_id(Disk& disk, const std::string& directory);
/// In place of the old one at once, on the medium when file and directory are synced.
Result<void> write_topic_id(Disk& disk, const std::string& directory, const Uuid& topic_id);

/// `.kafka_cleanshutdown` of a log dir: written last at a clean stop, removed at the start.
struct CleanShutdown {
  static constexpr const char* file = ".kafka_cleanshutdown";
  int64_t broker_epoch = -1;  // -1: the file does not say
};
Result<std::optional<CleanShutdown>> read_clean_shutdown(Disk& disk, const std::string& log_dir);
Result<void> write_clean_shutdown(Disk& disk, const std::string& log_dir, const CleanShutdown& shutdown);
Result<void> remove_clean_shutdown(Disk& disk, const std::string& log_dir);

}  // namespace kt::log
