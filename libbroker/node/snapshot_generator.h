#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libbroker/metadata/image.h"
#include "libbroker/node/metadata_quorum.h"
#include "libbroker/node/seams.h"

namespace kt::node {

/// Writes snapshots of the metadata (KIP-630) once so many bytes of its log were committed since the last
/// one, or so much time has passed [SnapshotGenerator], and has the quorum remove what it then need not keep.
/// Decides on the control loop; writes on the disk pool, one at a time.
class SnapshotGenerator {
 public:
  struct Options {
    std::string directory;      // of the metadata log
    int64_t log_bytes_max = 0;  // metadata.log.max.record.bytes.between.snapshots
    int64_t interval_ms = 0;    // metadata.log.max.snapshot.interval.ms; 0: none
    MetadataQuorum::Retention retention;
    Mutants mutants = {};
  };
  SnapshotGenerator(const Seams& seams, MetadataQuorum& quorum, Options options);

  /// `image` is what the log says up to the batch, which is committed.
  void on_committed(const MetadataBatch& batch, const metadata::Image& image);
  /// Begins to look after what is kept.
  void start();
  void stop();

 private:
  void write(const metadata::Image& image);
  void on_written(record::LogEnd id, const Result<void>& outcome);
  void clean();

  const Seams seams_;
  MetadataQuorum& quorum_;
  const Options options_;
  int64_t log_bytes_ = 0;  // committed since the last snapshot
  int64_t last_ms_;        // when that was written, or this node began
  bool is_writing_ = false;
  Timers::Id timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::node
