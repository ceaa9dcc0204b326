#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/base/rng.h"
#include "libbroker/base/slice.h"
#include "libbroker/base/uuid.h"
#include "libbroker/log/cleaning_plan.h"
#include "libbroker/log/flush_job.h"
#include "libbroker/log/log_config.h"
#include "libbroker/log/segment.h"
#include "libbroker/log/segment_read.h"
#include "libbroker/log/tail.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/epoch_cache.h"
#include "libbroker/record/origin.h"
#include "libbroker/record/producer_state.h"

namespace kt {
class Rng;
}

namespace kt::log {

class Cleaning;
class OffsetMap;
class OpenFiles;

/// What the logs of a broker share; outlives them.
struct LogServices {
  OpenFiles& files;
  TailBudget& tail_budget;
  Rng& rng;
  Mutants mutants = {};  // of simulations that prove they would find them
};

struct OpenOptions {
  bool is_clean = false;       // the log dir was left in order (.kafka_cleanshutdown)
  int64_t recovery_point = 0;  // as checkpointed: what is before it is on the medium
  int64_t log_start_offset = 0;
  int64_t now_ms = 0;
  std::optional<Uuid> topic_id = {};  // given to a log that has none
};

struct AppendOptions {
  record::Origin origin = record::Origin::client;
  std::optional<int64_t> expected_base = {};  // where the caller believes the log ends
  int32_t leader_epoch = -1;                  // assigned to batches of clients and coordinators
  int64_t now_ms = 0;
  bool is_crc_checked = false;
};

struct Appended {
  int64_t first_offset = 0;
  int64_t last_offset = -1;         // first - 1: there was nothing to append
  int64_t log_append_time_ms = -1;  // -1 unless the topic has it (or, of a duplicate, its time)
  int64_t log_start_offset = 0;
  bool is_duplicate = false;  // it was there already, at these offsets
};

/// A record found by its time.
struct TimestampOffset {
  int64_t timestamp = -1;
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};

/// One partition's log on one disk: segments, and what follows from their batches: leader epochs, producers,
/// aborted transactions. Not thread-safe: the owner holds the partition's mutex. What may wait for the disk
/// says so, or is split into a part under the mutex and a job without it.
///
/// Errors: the disk's are kafka_storage_error. If a write failed and could be undone the log goes on (a full
/// disk); otherwise has_failed(), and every change is refused.
class Log {
 public:
  /// Loads the log in `directory`, recovering it when it was not left in order; a directory that is not there
  /// is an empty log, and made at the first append. Blocks. Errors also: inconsistent_topic_id.
  static Result<std::unique_ptr<Log>> open(const LogServices& services, std::string directory,
                                           const LogConfig& config, const OpenOptions& options);
  ~Log();
  Log(const Log&) = delete;

  /// Appends one batch or more. Clients' and coordinators' get their offsets, epoch (and the broker's time)
  /// assigned in place: the caller alone holds those bytes, and they are not const. The others keep theirs; a
  /// batch cut off at the end is left out. On an error the log's end is as before, unless a segment's end
  /// fell between the batches. Errors: offset_out_of_range when the log ends elsewhere (see end_offset()),
  /// corrupt_message, invalid_record, record_list_too_large, what ProducerState::check says.
  Result<Appended> append(const Slice& batches, const AppendOptions& options);
  /// Begins a new segment unless the last one is empty.
  Result<void> roll(int64_t now_ms);

  /// The batches from the one that reaches `offset`: from memory at once, or a read for read_segment(…,
  /// Wait::yes) on a thread that may wait. Errors: offset_out_of_range outside of [log start, log end],
  /// corrupt_message.
  Result<std::variant<ReadOut, SegmentRead>> read(int64_t offset, const ReadOptions& options);
  /// Bytes to read from `offset` to the upper bound, as far as is known without looking: exact for newest
  /// batches, else all that the segment holds.
  uint64_t readable_bytes(int64_t offset, int64_t upper_bound) const;
  /// The first record at or after `timestamp`; none when there is none. Blocks.
  Result<std::optional<TimestampOffset>> offset_for_timestamp(int64_t timestamp);
  /// The first record that has the largest timestamp of all; none in an empty log. Blocks.
  Result<std::optional<TimestampOffset>> max_timestamp_offset();
  /// Aborted transactions with records in [from, to), by marker. May block unless all are known.
  Result<std::vector<AbortedTransaction>> aborted_transactions(int64_t from, int64_t to);
  /// The segments whose .txnindex file that would have to read. As unknown_segments().
  std::vector<SegmentLook> unknown_aborted(int64_t from, int64_t to) const;
  void learn_aborted(const SegmentLook& look, TxnIndex aborted);

  int64_t log_start_offset() const { return log_start_offset_; }
  /// Where the records begin that are on this disk; differs from the log's start only with a remote tier.
  int64_t local_log_start_offset() const { return local_log_start_offset_; }
  int64_t end_offset() const { return end_offset_; }
  /// Every batch before it has been flushed.
  int64_t flushed_offset() const { return flushed_offset_; }
  /// What the log dir checkpoints: where checking begins after a crash. Behind flushed_offset() while a
  /// segment's indexes are in memory alone; the end after a close.
  int64_t recovery_point() const;
  /// What counts for the high watermark: the end, or under flush.messages=1 what has been flushed.
  int64_t stable_end() const { return config_.flushes_every_batch() ? flushed_offset_ : end_offset_; }
  /// The end as Raft and OffsetForLeaderEpoch say it.
  record::LogEnd log_end() const { return {epochs_.latest_epoch().value_or(0), end_offset_}; }
  /// The smaller of the high watermark and the first offset still undecided.
  int64_t last_stable_offset(int64_t high_watermark) const;
  /// Forgets ended transactions below it.
  void advance_high_watermark(int64_t high_watermark) { producers_.advance_high_watermark(high_watermark); }

  /// No more batches come: prepare_close() was called.
  bool is_closed() const { return is_closed_; }

  const record::EpochCache& epochs() const { return epochs_; }
  /// A new leader notes where its epoch begins: at the end.
  void assign_epoch(int32_t epoch);
  const record::ProducerState& producers() const { return producers_; }
  void remove_expired_producers(int64_t now_ms);

  /// Cuts off what is at or beyond `offset`. On the medium when this returns, but for recovery_point() and
  /// log_start_offset(): if they fell, the caller checkpoints them before the next append. Blocks.
  Result<void> truncate_to(int64_t offset);
  /// Drops everything; the next offset is `offset`. As truncate_to().
  Result<void> truncate_fully_and_start_at(int64_t offset);
  /// Records before `offset` are no longer there (DeleteRecords, a leader's larger start). Errors:
  /// offset_out_of_range beyond the high watermark.
  Result<void> increment_log_start(int64_t offset, int64_t high_watermark);
  /// Retention: segments that are too old, too much, or before the log's start leave the log. Answers their
  /// files, which have been renamed and are to be removed after file.delete.delay.ms. May block unless all
  /// segments are known.
  Result<std::vector<std::string>> delete_old_segments(int64_t now_ms, int64_t high_watermark);

  /// The sealed segments of which retention and the planning of a cleaning have to know more than is in
  /// memory: looked at on a thread that may wait, and taken in by learn(), they spare those the wait.
  std::vector<SegmentLook> unknown_segments() const;
  /// Nothing happens if the log's segments have changed since.
  void learn(const SegmentLook& look, const SegmentFacts& facts);
  /// What could be compacted now; `clean_offset` as checkpointed. May block unless all segments are known.
  Result<CleaningPlan> plan_cleaning(std::optional<int64_t> clean_offset, int64_t high_watermark,
                                     int64_t now_ms);
  /// Begins to compact what the plan says, though it may not be due; one at a time, and no retention
  /// meanwhile.
  Result<std::unique_ptr<Cleaning>> begin_cleaning(const CleaningPlan& plan, OffsetMap map, int64_t now_ms);
  /// Puts the group that is ready in the place of its sources, whose renamed files are answered, to be
  /// removed at once: who reads them has them open, and a cleaning needs no more than one segment of disk.
  /// Renames files, and waits for nothing else. Errors also: offset_out_of_range when the log was truncated
  /// since; the cleaning is then over.
  Result<std::vector<std::string>> swap_in(Cleaning& cleaning);
  /// False when the log was truncated since: a cleaning that fails then fails of that.
  bool is_current(const Cleaning& cleaning) const;
  /// The cleaning is done, or given up.
  void end_cleaning() { is_cleaning_ = false; }

  /// What prepare_flush() is asked for: the sealed segments alone (after a roll), or all.
  enum class FlushScope { sealed, all };
  /// None when there is nothing to flush, or a job is under way: one at a time. The owner runs it on a thread
  /// that may wait, then calls finish_flush().
  std::optional<FlushJob> prepare_flush(FlushScope scope);
  void finish_flush(FlushJob job, FlushJob::Outcome outcome);
  /// Whether sealed segments wait to be flushed.
  bool wants_flush() const;
  /// As prepare_flush(all), the last time: indexes and producers too, trimmed as Kafka leaves them. No job is
  /// under way.
  std::optional<FlushJob> prepare_close();

  void set_config(const LogConfig& config) { config_ = config; }
  const LogConfig& config() const { return config_; }
  const std::string& directory() const { return directory_; }
  const std::optional<Uuid>& topic_id() const { return topic_id_; }
  /// Of all segments' batches. May block at the first call.
  Result<uint64_t> size_bytes();
  size_t segment_count() const { return segments_.size(); }
  /// Base offsets, ascending.
  std::vector<int64_t> segment_base_offsets() const;
  /// Gives back the memory of the tail.
  void drop_tail() { tail_.clear(); }
  bool has_failed() const { return failure_.has_value(); }
  void check_invariants() const;

 private:
  friend class LogLoader;
  using Segments = std::map<int64_t, std::unique_ptr<Segment>>;

  Log(const LogServices& services, std::string directory, const LogConfig& config);

  // append
  Result<void> admit(const Slice& bytes, const AppendOptions& options);
  Result<std::optional<record::DuplicateBatch>> check_producers(const AppendOptions& options) const;
  Result<void> write_run(const Slice& bytes, size_t first, size_t count);
  int64_t base_for(const record::BatchView& batch);
  Result<void> roll_to(int64_t base_offset, int64_t now_ms);
  Result<void> ensure_active(int64_t now_ms);
  Result<void> create_first_segment(int64_t now_ms);
  Segment& last_segment() { return *segments_.rbegin()->second; }

  // read
  std::optional<ReadOut> read_tail(int64_t offset, const ReadOptions& options) const;
  Segments::iterator floor(int64_t offset);
  int64_t end_offset_of(Segments::const_iterator segment) const;
  Result<std::optional<TimestampOffset>> find_timestamp(Segments::iterator segment, int64_t timestamp,
                                                        int64_t from);

  // truncation and retention
  Result<void> cut_last_segment(int64_t offset);
  Result<void> remove_segments_from(Segments::iterator first);
  Result<void> rebuild_producers(int64_t end_offset, int64_t now_ms);
  Result<void> drop_snapshots_beyond(int64_t offset);
  Result<std::optional<std::string>> detach_snapshot(int64_t offset);
  Result<int64_t> restore_producers(int64_t offset, int64_t now_ms);
  Result<void> replay(int64_t from, int64_t to);
  void set_log_start(int64_t offset);
  Result<std::vector<std::string>> detach_first(size_t count, int64_t now_ms);

  std::unexpected<Error> fail_log(Error error);

  const LogServices services_;
  const std::string directory_;
  LogConfig config_;
  std::optional<Uuid> topic_id_;

  Segments segments_;  // by base offset; the last one is active or cold, the others are sealed or cold
  SeededRng rng_;
  int64_t jitter_ms_ = 0;
  std::optional<int64_t> cut_to_;  // since the last cleaning began: from here on nothing has been cleaned
  int64_t log_start_offset_ = 0, local_log_start_offset_ = 0, end_offset_ = 0, flushed_offset_ = 0;
  record::EpochCache epochs_;
  record::ProducerState producers_;
  Tail tail_;

  std::set<int64_t> snapshots_;  // offsets of the producer snapshots there are
  std::map<int64_t, std::vector<std::byte>> unwritten_snapshots_;  // those that have no file yet
  std::set<int64_t> snapshots_under_way_;                          // those that the flush job writes
  bool has_directory_ = false, is_new_directory_ = false, has_new_names_ = false, has_new_epochs_ = false;
  uint64_t generation_ =
      0;  // counts truncations: what a job of an earlier one has flushed says nothing of now
  uint64_t swaps_ = 0;
  bool is_flushing_ = false, is_cleaning_ = false, is_closed_ = false;
  mutable bool may_want_flush_ = true;  // false: no sealed segment's indexes are in memory alone
  std::optional<Error> failure_;

  std::vector<record::BatchView> batches_;  // of the append under way; kept for their memory
  std::vector<Segment::Mark> marks_;
};

}  // namespace kt::log
