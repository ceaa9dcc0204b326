#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/metadata/records.h"
#include "libbroker/raft/voter_set.h"
#include "libbroker/record/log_end.h"
#include "libbroker/wire/control_records.h"

namespace kt {
class Disk;
}
namespace kt::record {
class BatchBuilder;
class BatchView;
}  // namespace kt::record

namespace kt::node {

/// One batch of the metadata log, or all that a snapshot says.
struct MetadataBatch {
  int64_t base_offset = 0, last_offset = -1;
  int32_t epoch = 0;
  int64_t timestamp_ms = -1;
  std::vector<metadata::Record> records = {};
  uint64_t bytes = 0;        // in the log
  bool is_snapshot = false;  // all that was before it is no more
  // Of control batches.
  std::optional<int16_t> kraft_version = {};
  std::optional<raft::VoterSet> voters = {};
};

/// Adds what a batch says. Throws wire::DecodeError.
void read_metadata_batch(const record::BatchView& batch, MetadataBatch& into);

/// Snapshots of the metadata log, `<20-digit end offset>-<10-digit epoch>.checkpoint` in its directory
/// (KIP-630), by kt or Apache Kafka:
///
///     file = batch{control: SnapshotHeader KRaftVersion? Voters?} batch{metadata records}* batch{control:
///     SnapshotFooter}
///
/// The one of 0-0 says what formatting did. Errors: kafka_storage_error, also for a file that is no snapshot.
struct SnapshotFile {
  record::LogEnd id;  // it ends before this offset, with this epoch
  std::string path;
};
std::string snapshot_path(const std::string& directory, record::LogEnd id);
/// Oldest first.
Result<std::vector<SnapshotFile>> list_snapshots(Disk& disk, const std::string& directory);
/// The time of the last record of the log that a snapshot contains.
Result<int64_t> snapshot_time(Disk& disk, const std::string& path);
Result<MetadataBatch> read_snapshot(Disk& disk, const std::string& directory, record::LogEnd id);
/// A snapshot under any name; offsets and epoch are those in the file.
Result<MetadataBatch> read_snapshot_file(Disk& disk, const std::string& path);

/// What a snapshot is made of besides the image's records.
struct SnapshotHead {
  record::LogEnd id;
  int64_t last_contained_ms = 0;  // of the last record of the log that it contains
  int64_t now_ms = 0;
  int16_t metadata_version = metadata::metadata_version_latest;
  // With kraft.version 1:
  std::optional<raft::VoterSet> voters = {};
};

/// The bytes of a snapshot; records are added in the order of the image.
class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(const SnapshotHead& head);
  ~SnapshotBuilder();
  void add(const metadata::Record& record);
  std::vector<std::byte> finish();

 private:
  void end_batch();
  const SnapshotHead head_;
  std::vector<std::byte> file_;
  int64_t next_offset_ = 0;  // offsets in a snapshot are its own, from 0
  std::unique_ptr<record::BatchBuilder> batch_;
  size_t batch_bytes_ = 0;
  int32_t batch_records_ = 0;
};

wire::VotersRecord voters_record(const raft::VoterSet& voters);

}  // namespace kt::node
