#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/metadata/records.h"
#include "libbroker/raft/voter_set.h"
#include "libbroker/record/log_end.h"

namespace kt {
class Disk;
}
namespace kt::record {
class BatchView;
}

namespace kt::node {

/// One batch of the metadata log, or all that a snapshot says.
struct MetadataBatch {
  int64_t base_offset = 0, last_offset = -1;
  int32_t epoch = 0;
  int64_t timestamp_ms = -1;
  std::vector<metadata::Record> records = {};
  // Of control batches.
  std::optional<int16_t> kraft_version = {};
  std::optional<raft::VoterSet> voters = {};
};

/// Adds what a batch says. Throws wire::DecodeError.
void read_metadata_batch(const record::BatchView& batch, MetadataBatch& into);

/// Snapshots of the metadata log, `<20-digit end offset>-<10-digit epoch>.checkpoint` in its directory (KIP-630), by kt or
/// Apache Kafka:
///
///     file = batch{control: SnapshotHeader KRaftVersion? Voters?} batch{metadata records}* batch{control: SnapshotFooter}
///
/// The one of 0-0 says what formatting did. Errors: kafka_storage_error, also for a file that is no snapshot.
Result<std::optional<record::LogEnd>> latest_snapshot(Disk& disk, const std::string& directory);
Result<MetadataBatch> read_snapshot(Disk& disk, const std::string& directory, record::LogEnd id);
/// A snapshot under any name; offsets and epoch are those in the file.
Result<MetadataBatch> read_snapshot_file(Disk& disk, const std::string& path);

}  // namespace kt::node
