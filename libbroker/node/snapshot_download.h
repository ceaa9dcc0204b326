#pragma once
#include <memory>
#include <string>

#include "libbroker/base/disk.h"
#include "libbroker/node/metadata_snapshot.h"
#include "libbroker/raft/effects.h"

namespace kt::node {

/// A snapshot on its way here, in a file with `.part` behind its name until it is whole. What a crash leaves
/// of it is overwritten by the next one, or removed when the log is opened. Blocks. Errors: the disk's.
class SnapshotDownload {
 public:
  SnapshotDownload(Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}

  /// Adds what comes next; position 0 begins a new one.
  Result<void> add(const raft::SnapshotChunk& chunk);
  /// All is there: makes it durable under its own name, and reads it. Errors also: kafka_storage_error when
  /// it is no snapshot.
  Result<MetadataBatch> finish();

  /// Removes what downloads that were broken off left.
  static Result<void> clean_up(Disk& disk, const std::string& directory);

 private:
  Disk& disk_;
  const std::string directory_;
  record::LogEnd id_;
  std::unique_ptr<File> file_;
};

}  // namespace kt::node
