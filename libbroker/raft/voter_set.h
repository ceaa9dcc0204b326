#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/uuid.h"

namespace kt::raft {

/// One address of a node, under its listener's name.
struct Endpoint {
  std::string name = {}, host = {};
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

/// A replica of the log: a node and its metadata directory, so that a node with a new disk is another replica
/// (KIP-853). A zero directory id is not known.
struct ReplicaKey {
  int32_t id = -1;
  Uuid directory_id = {};
  auto operator<=>(const ReplicaKey&) const = default;
  /// Whether `other` may be this replica: same node, and the same directory where this one's is known.
  bool matches(const ReplicaKey& other) const {
    return id == other.id && (directory_id.is_zero() || directory_id == other.directory_id);
  }
};

struct Voter {
  ReplicaKey key;
  std::vector<Endpoint> endpoints = {};
  int16_t kraft_version_min = 0, kraft_version_max = 1;  // what the voter supports
  auto operator<=>(const Voter&) const = default;
};

/// The replicas that elect and commit. From configuration (kraft.version 0: directory ids unknown) or from a
/// VotersRecord (kraft.version 1).
class VoterSet {
 public:
  VoterSet() = default;
  /// One voter per node id, in any order.
  explicit VoterSet(std::vector<Voter> voters);

  const std::vector<Voter>& all() const { return voters_; }  // by rising id
  size_t size() const { return voters_.size(); }
  size_t majority() const { return voters_.size() / 2 + 1; }
  /// The voter with this node id; null when there is none.
  const Voter* find(int32_t id) const;
  bool contains(const ReplicaKey& key) const;
  bool is_only(const ReplicaKey& key) const { return size() == 1 && contains(key); }
  /// The same set with `voter` in the place of the one with its id, which must exist.
  VoterSet with(const Voter& voter) const;
  bool operator==(const VoterSet&) const = default;

 private:
  std::vector<Voter> voters_;
};

/// Which voter set holds from which offset on. A set is in force once it is in the log, committed or not, so
/// a truncation brings the one before back (KIP-853).
class VoterHistory {
 public:
  struct Entry {
    int64_t offset =
        -1;  // of the record; -1: from configuration or the bootstrap checkpoint, not yet in the log
    int16_t kraft_version = 0;
    VoterSet voters = {};
    bool operator==(const Entry&) const = default;
  };

  explicit VoterHistory(Entry first) : entries_{std::move(first)} {}

  const Entry& last() const { return entries_.back(); }
  const VoterSet& voters() const { return last().voters; }
  /// Records read or written at `offset`; what a batch does not say stays as it was.
  void add(int64_t offset, std::optional<int16_t> kraft_version, const std::optional<VoterSet>& voters);
  /// Forgets records at and above `end_offset`.
  void truncate(int64_t end_offset);
  /// Everything before is replaced by a snapshot's content.
  void restart(Entry first) { entries_ = {std::move(first)}; }

 private:
  std::vector<Entry> entries_;  // never empty, by rising offset
};

}  // namespace kt::raft
