#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/loop.h"
#include "libbroker/log/log.h"
#include "libbroker/metadata/records.h"
#include "libbroker/node/metadata_snapshot.h"
#include "libbroker/node/snapshot_download.h"
#include "libbroker/raft/raft.h"

namespace kt::node {

/// Drives raft::Raft over `__cluster_metadata-0`: carries out its effects on the disk, keeps its timers, and
/// hands out what is committed. On the control loop, the one thread that may wait for its own fsync.
class MetadataQuorum {
 public:
  struct Options {
    raft::Options raft;
    std::string directory;  // of the log, ".../__cluster_metadata-0"
    raft::VoterSet voters;
    log::LogConfig log;
    int16_t metadata_version = metadata::metadata_version_latest;
    /// Takes what raft sends, to a node at these addresses (null: not known); replied() is owed for each,
    /// never from inside.
    std::function<void(raft::SentRequest, const std::vector<raft::Endpoint>*)> send;
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_leadership(const raft::Leadership& leadership) = 0;
    /// In order, each once; a batch takes effect as a whole.
    virtual void on_committed(const MetadataBatch& batch) = 0;
    /// The metadata log's disk failed: the node cannot go on.
    virtual void on_failure(const Error& error) = 0;
  };

  MetadataQuorum(Loop& control, Clock& clock, Disk& disk, log::LogServices logs, Options options,
                 Listener& listener);

  /// Loads ballot, latest snapshot and log. Blocks. Errors: kafka_storage_error.
  Result<void> open();
  /// Gives raft its first tick.
  void start();
  /// Appends records as one batch, if this replica leads in `epoch`; `then` gets its base offset at once,
  /// before it is committed. Errors: not_leader_or_follower.
  void propose(int32_t epoch, const std::vector<metadata::Record>& records,
               std::function<void(Result<int64_t>)> then);
  /// Another replica asks; `then` gets the answer, now or later. Its records are to be read inside of it.
  void receive(raft::Request request, std::move_only_function<void(raft::Answer)> then);
  /// What became of a request that was sent.
  void replied(uint64_t request_id, raft::Reply reply) { step(raft::Replied{request_id, std::move(reply)}); }
  /// Gives up leading and campaigning; `then` once nobody waits for this replica, or has waited long enough.
  void resign(Task then);
  /// Gives up leading in this epoch: whoever is elected next, this replica perhaps, begins with what is in
  /// the log.
  void renounce() { step(raft::Resign{.is_stopping = false}); }
  /// Flushes and closes the log as Kafka leaves it.
  Result<void> close();

  const raft::Raft& raft() const { return *raft_; }
  bool is_open() const { return raft_ != nullptr; }
  /// Closed, or something could not be carried out: what raft believes is not what is on the disk.
  bool is_stopped() const { return is_stopped_; }
  int64_t flushed_offset() const { return log_->flushed_offset(); }
  int64_t log_end_offset() const { return log_->end_offset(); }
  int64_t log_start_offset() const { return log_->log_start_offset(); }
  /// Whole batches from `from` on, at least one, the last one perhaps cut.
  Result<log::ReadOut> read(int64_t from, int64_t to, size_t bytes_max);
  struct SnapshotPart {
    int64_t snapshot_bytes = 0;  // of the whole
    Slice bytes = {};
  };
  /// Errors: snapshot_not_found, position_out_of_range.
  Result<SnapshotPart> read_snapshot_part(record::LogEnd id, int64_t position, size_t bytes_max);
  /// Every batch that reaches `from`, committed or not. What is before the latest snapshot's end comes as
  /// one, the snapshot.
  Result<void> for_each_batch(int64_t from, int64_t to,
                              const std::function<void(const MetadataBatch&)>& visit);

  /// A snapshot up to `id`, all of it committed, is durable.
  void snapshot_taken(record::LogEnd id);
  /// How much of the log and its snapshots is kept (metadata.max.retention.bytes, .ms; -1: no limit).
  struct Retention {
    int64_t bytes = -1, ms = -1;
  };
  /// Removes the oldest snapshots while they are too old or too much and there are later ones, each with the
  /// log before the next [KafkaMetadataLog.maybeClean]. Blocks. Errors: the disk's.
  Result<void> clean(const Retention& retention);

 private:
  Result<void> begin_at_snapshot();
  Result<void> trim_before(record::LogEnd id);
  Result<raft::VoterHistory> read_voters();
  void step(const raft::Event& event);
  Result<void> carry_out(raft::Effects& effects);
  void send(raft::Effects& effects);
  Result<void> append(const raft::Append& append);
  Result<void> take(const raft::SnapshotChunk& chunk);
  Result<void> flush();
  void apply_committed(int64_t high_watermark);
  void arm();
  int64_t now_ms() { return clock_.monotonic_ms(); }

  Loop& control_;
  Clock& clock_;
  Disk& disk_;
  const log::LogServices log_services_;
  const Options options_;
  Listener& listener_;
  std::unique_ptr<log::Log> log_;
  std::optional<record::LogEnd> snapshot_;  // the latest
  std::unique_ptr<raft::Raft> raft_;
  std::map<uint64_t, std::function<void(Result<int64_t>)>> proposals_;
  std::map<uint64_t, std::move_only_function<void(raft::Answer)>> asked_;
  uint64_t last_token_ = 0;
  SnapshotDownload download_;
  std::optional<raft::SnapshotInstalled> installed_;  // what raft has to hear next
  Task resigned_;
  Timers::Id resign_timer_ = 0;
  int64_t applied_offset_ = 0;
  Timers::Id timer_ = 0;
  bool is_stopped_ = false;  // closed, or something could not be carried out: raft is told nothing more
};

}  // namespace kt::node
