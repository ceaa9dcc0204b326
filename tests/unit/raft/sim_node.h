#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/raft/raft.h"
#include "tests/unit/raft/sim_disk.h"

namespace kt::raft::sim {

/// Batches on the wire: a Slice holds the number of one in here.
class Wire {
 public:
  Slice put(const Batch& batch);
  const Batch& get(const Slice& bytes) const;

 private:
  std::vector<Batch> batches_;
};

/// A Raft with a disk and a state machine: the driver of node/, without I/O.
class SimNode {
 public:
  static constexpr size_t fetch_batches_max = 10;
  static constexpr size_t chunk_bytes_max = 7;

  SimNode(Options options, VoterHistory::Entry first_voters, Wire& wire);

  struct PendingFlush {
    Flushed report = {};
    uint64_t mark = 0;
  };
  struct Output {
    std::vector<Effects> effects = {};  // of each step that the event led to
    std::vector<SentRequest> send = {};
    std::vector<std::pair<uint64_t, Reply>> answers = {};  // as the requester will see them
    std::optional<PendingFlush> flush = {};
    bool died = false;  // nothing of the above left the node
  };
  void start(int64_t now_ms);
  /// Gives one event and carries out what comes of it. `changes_max`: dies after so many changes of its disk.
  Output step(const Event& event, int64_t now_ms, size_t changes_max = SIZE_MAX);
  /// Everything but the disk is lost, and of the disk what was not flushed.
  void crash(Rng& rng);
  /// The state machine writes a snapshot of all it has applied, unless it has one; the event is to be given.
  std::optional<SnapshotTaken> take_snapshot();
  /// Deletes the log below the latest snapshot; the event is to be given.
  std::optional<LogTrimmed> trim();

  int32_t id() const { return options_.self.id; }
  bool is_up() const { return raft_ != nullptr; }
  Raft& raft() { return *raft_; }
  const Raft& raft() const { return *raft_; }
  SimDisk& disk() { return disk_; }
  const SimDisk& disk() const { return disk_; }
  const Options& options() const { return options_; }
  uint64_t state() const { return state_; }
  int64_t applied() const { return applied_; }

 private:
  bool carry_out(Effects effects, int64_t now_ms, size_t& changes_left, Output& out);
  void append(const Append& append);
  bool take_chunk(const SnapshotChunk& chunk);
  void apply(int64_t high_watermark);
  Reply as_received(const Answer& answer) const;
  VoterHistory voters() const;

  const Options options_;
  const VoterHistory::Entry first_voters_;
  Wire& wire_;
  SimDisk disk_;
  std::unique_ptr<Raft> raft_;
  uint64_t state_ = 0;
  int64_t applied_ = 0;
  std::string download_;
};

/// What a state machine in state `state` comes to by one more record.
uint64_t next_state(uint64_t state, int32_t epoch, uint64_t value);

}  // namespace kt::raft::sim
