#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/metadata/image.h"

namespace kt::controller {

/// Which replica is to lead: the preferred one if it may; any that may, the present one first; or, so that
/// the partition is served, one that may have lost records.
enum class Election { preferred, online, unclean };

/// What is wanted of a partition. As made, nothing but a leader that may lead.
struct PartitionTarget {
  explicit PartitionTarget(const metadata::Partition& now);

  std::vector<int32_t> replicas, isr, removing, adding;
  std::map<int32_t, Uuid> directories;  // of those replicas that have one
  metadata::LeaderRecovery recovery;
  Election election = Election::online;
  std::optional<int32_t> unclean_shutdown;  // a broker that may have lost records: no longer eligible to lead
};

/// What the cluster says about electing leaders.
struct ElectionRules {
  int16_t metadata_version = 0;
  bool elr_enabled = false;
  int32_t min_isr = 1;                             // at most the replication factor
  std::function<bool(int32_t)> may_lead;           // alive, with its replica's directory online
  std::function<Uuid(int32_t)> default_directory;  // of a broker's new replicas
  Mutants mutants = {};
};

/// The record that brings a partition to its target, or none when it is there:
/// - a reassignment whose target replicas are all in sync is completed;
/// - with ELR (KIP-966), a replica that leaves an ISR below min.insync.replicas stays eligible to lead;
/// - a leader that may not lead is replaced: from the ISR, else from the ELR, else by the last known leader
/// alone, else
///   uncleanly where that is wanted; without ELR the last member stays in an ISR without leader;
/// - the leader epoch rises with every leader change, and when replicas are dropped.
std::optional<wire::PartitionChangeRecord> change_partition(const Uuid& topic_id, int32_t index,
                                                            const metadata::Partition& now,
                                                            PartitionTarget target,
                                                            const ElectionRules& rules);

/// The record that raises a partition's leader epoch to at least `leader_epoch`, all else as it is, or none
/// when it is there. A PartitionChangeRecord cannot: it raises by one. The copy of a partition needs it so
/// that its leaders' epochs do not begin below those of the batches it took over.
std::optional<wire::PartitionRecord> raise_leader_epoch(const Uuid& topic_id, int32_t index,
                                                        const metadata::Partition& now, int32_t leader_epoch,
                                                        int16_t metadata_version);

}  // namespace kt::controller
