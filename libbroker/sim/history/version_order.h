#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "libbroker/sim/history/anomaly.h"
#include "libbroker/sim/history/history.h"

namespace kt::sim {

/// Who sent each value of a key, and whether an ok poll returned it.
struct Writes {
  struct Write {
    Value value = 0;
    uint32_t row = 0;
    uint32_t record_key = 0;
    bool is_read = false;
  };
  std::vector<Write> by_value;  // sorted, each value once: the last to send it

  Write* find(Value value);
  const Write* find(Value value) const { return const_cast<Writes*>(this)->find(value); }
};

/// What is known of one key's log: which values were seen at which offsets. Positions count the offsets at
/// which anything was seen, from 0: gaps (transaction markers, what nobody saw) take none.
class VersionOrder {
 public:
  static constexpr uint32_t nowhere = UINT32_MAX;
  struct Position {
    uint32_t first = nowhere, last = nowhere;  // where the value was seen
    uint32_t place = nowhere;                  // the last position that it alone, or as the least, holds
  };

  void see(Read record);
  /// After the last see().
  void finish();

  /// All that was seen, once each, by offset.
  std::span<const Read> log() const { return log_; }
  size_t size() const { return positions_.size(); }
  /// What is at a position: of several values, the least.
  const Read& at(uint32_t position) const { return log_[positions_[position]]; }
  Position position_of(Value value) const;
  /// Where a value is; nowhere if that is unknown.
  uint32_t place_of(Value value) const { return position_of(value).place; }
  /// The values, each once, with where they were seen.
  template <class Visit>
  void for_each_value(const Visit& visit) const {
    for (const auto& [value, position] : values_) visit(value, position);
  }

 private:
  void drop_repeated();

  std::vector<Read> log_;
  size_t distinct_ = 0;                             // of log_'s front, when it was last sorted
  std::vector<uint32_t> positions_;                 // into log_
  std::vector<std::pair<Value, Position>> values_;  // sorted
};

/// What the checks look things up in.
struct Knowledge {
  const History& history;
  std::vector<Writes> writes;        // by key
  std::vector<bool> has_committed;   // by row: it was ok, or something it sent was read by an ok poll
  std::vector<VersionOrder> orders;  // by key
};

Knowledge learn(const History& history);

}  // namespace kt::sim
