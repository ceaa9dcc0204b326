#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace kt {

/// Known bugs that a run may switch on, to prove that the simulator and the tests would find them. Each is
/// named after what the code then fails to do, and consulted there, by Mutants::has(), and where the code
/// would make up for it. Whoever plants one adds it before `count` and, in the same order, to `mutant_names`.
enum class Mutant : uint8_t {
  sim_wal_not_synced,                // of the simulator's own toy log, so that the machinery itself is tested
  sim_wal_trusts_the_cache,          // likewise
  raft_vote_not_persisted,           // the reply leaves, the ballot is not made durable
  raft_votes_twice,                  // grants whoever asks in an epoch
  raft_vote_ignores_log,             // grants a candidate that lacks committed records
  raft_pre_vote_skipped,             // campaigns in a new epoch at once
  raft_pre_vote_always_granted,      // even by those in touch with a leader
  raft_commits_older_epoch,          // before a record of the leader's own epoch is (Raft §5.4.2)
  raft_commits_not_durable,          // a leader counts its own unflushed records
  raft_fetches_before_durable,       // a follower vouches for unflushed records
  raft_truncates_whole_epoch,        // a follower drops the diverging epoch from its start
  raft_high_watermark_beyond_end,    // a follower believes it before it has the records
  raft_leads_again_after_restart,    // a restarted leader resumes its epoch
  raft_trusts_late_flush,            // a report from before a truncation vouches for what came after it
  log_duplicates_appended,           // a producer's retry is appended once more
  log_producers_not_recovered,       // after a crash nobody remembers who sent what
  log_recovery_point_too_far,        // what is not flushed yet is not checked after a crash
  log_new_names_not_synced,          // segments are flushed, their names are not
  node_acknowledges_unflushed,       // under flush.messages=1
  node_serves_unflushed,             // likewise: readers see what a crash may take back
  node_offsets_answered_early,       // a group's commit is answered before it is committed
  node_groups_not_loaded,            // a new coordinator begins with nothing
  node_clean_marker_kept,            // after a clean stop every crash looks like one
  node_marks_clean_first,            // before the logs are flushed and closed
  node_metadata_not_flushed,         // the quorum takes the page cache for durable
  partition_commits_alone,           // a leader does not wait for its followers
  partition_shrinks_unasked,         // an ISR counts as soon as it is wished for
  partition_joins_unready,           // a follower enters the ISR wherever its log ends
  partition_cuts_at_high_watermark,  // who begins to follow drops what it knows not to be committed (KIP-101)
  partition_ignores_divergence,      // followers fetch on though their logs parted from the leader's
  partition_vouches_for_unflushed,   // under flush.messages=1 a follower tells of what a crash may take back
  partition_ignores_joiners,  // who is about to enter the ISR does not hold back what is committed (KIP-497)
  partition_cuts_too_little,  // a follower cuts where the leader's epoch ended, whatever its own did
                              // (KIP-279)
  controller_ignores_broker_epochs,  // an ISR may name an incarnation that is gone (KIP-903)
  controller_keeps_unclean,          // who was not stopped cleanly stays eligible to lead (KIP-966)
  controller_elects_anyone,          // a leader need not have been in sync
  controller_answers_early,          // before what it decided is committed
  log_epochs_not_synced,             // leader epochs are written and not flushed (KAFKA-16541), nor rebuilt
  log_duplicate_refused,             // a producer's retry is told that it is out of order
  log_producers_not_truncated,       // batches that were cut off still count as sent
  log_trusts_torn_tail,              // recovery takes batches whose checksum is wrong
  log_flush_retried,                 // a failed flush is taken for one that may be tried again
  log_takes_other_topics,            // a directory is taken for a topic's that its name had before
  cleaner_drops_last_value,          // compaction removes the last value of a key
  cleaner_beyond_high_watermark,     // compaction goes by records that may be taken back
  node_offsets_read_uncommitted,     // a group's offsets are told before they are committed
  node_snapshot_misses_last,         // a snapshot of the metadata lacks a record
  node_sends_before_persist,         // a vote leaves before it is on the medium
  group_commits_of_anyone,           // offsets are taken from who is no member any more
  api_session_hides_errors,          // a fetch session does not tell that a partition has failed
  count
};

inline constexpr std::string_view mutant_names[] = {
    "sim-wal-not-synced",
    "sim-wal-trusts-the-cache",
    "raft-vote-not-persisted",
    "raft-votes-twice",
    "raft-vote-ignores-log",
    "raft-pre-vote-skipped",
    "raft-pre-vote-always-granted",
    "raft-commits-older-epoch",
    "raft-commits-not-durable",
    "raft-fetches-before-durable",
    "raft-truncates-whole-epoch",
    "raft-high-watermark-beyond-end",
    "raft-leads-again-after-restart",
    "raft-trusts-late-flush",
    "log-duplicates-appended",
    "log-producers-not-recovered",
    "log-recovery-point-too-far",
    "log-new-names-not-synced",
    "node-acknowledges-unflushed",
    "node-serves-unflushed",
    "node-offsets-answered-early",
    "node-groups-not-loaded",
    "node-clean-marker-kept",
    "node-marks-clean-first",
    "node-metadata-not-flushed",
    "partition-commits-alone",
    "partition-shrinks-unasked",
    "partition-joins-unready",
    "partition-cuts-at-high-watermark",
    "partition-ignores-divergence",
    "partition-vouches-for-unflushed",
    "partition-ignores-joiners",
    "partition-cuts-too-little",
    "controller-ignores-broker-epochs",
    "controller-keeps-unclean",
    "controller-elects-anyone",
    "controller-answers-early",
    "log-epochs-not-synced",
    "log-duplicate-refused",
    "log-producers-not-truncated",
    "log-trusts-torn-tail",
    "log-flush-retried",
    "log-takes-other-topics",
    "cleaner-drops-last-value",
    "cleaner-beyond-high-watermark",
    "node-offsets-read-uncommitted",
    "node-snapshot-misses-last",
    "node-sends-before-persist",
    "group-commits-of-anyone",
    "api-session-hides-errors",
};
static_assert(std::size(mutant_names) == static_cast<size_t>(Mutant::count) && std::size(mutant_names) <= 64);

/// Which mutants are on: none, in life. A value, passed down at construction.
class Mutants {
 public:
  constexpr Mutants() = default;
  constexpr explicit Mutants(Mutant only) : bits_(bit(only)) {}
  constexpr bool has(Mutant mutant) const { return (bits_ & bit(mutant)) != 0; }
  bool operator==(const Mutants&) const = default;

 private:
  static constexpr uint64_t bit(Mutant mutant) { return uint64_t{1} << static_cast<uint8_t>(mutant); }

  uint64_t bits_ = 0;
};

constexpr std::string_view name_of(Mutant mutant) { return mutant_names[static_cast<size_t>(mutant)]; }

constexpr std::optional<Mutant> parse_mutant(std::string_view name) {
  for (size_t i = 0; i < std::size(mutant_names); ++i) {
    if (mutant_names[i] == name) return static_cast<Mutant>(i);
  }
  return std::nullopt;
}

}  // namespace kt
