#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/sim/history/op.h"

namespace kt::sim {

/// What may be wrong with a history; README.md defines each.
enum class Anomaly : uint8_t {
  inconsistent_offsets,
  duplicate,
  lost_write,
  unseen,
  phantom,
  aborted_read,  // Adya's G1a
  precommitted_read,
  int_poll_skip,
  int_nonmonotonic_poll,
  poll_skip,
  nonmonotonic_poll,
  int_nonmonotonic_send,
  nonmonotonic_send,
  int_send_skip,
  write_cycle,        // G0
  information_cycle,  // G1c
  repeated_consumption,
  offset_regress,
  compaction_loss,
  count
};
inline constexpr size_t anomaly_count = static_cast<size_t>(Anomaly::count);

/// The names of Jepsen's kafka workload, where it has one.
std::string_view name_of(Anomaly anomaly);

/// What was promised in a run. The defaults: consumers assign themselves, everything idempotent and
/// committed.
struct Promises {
  bool is_subscribed = false;     // groups hand out keys: a consumer may skip and go back
  bool is_idempotent = true;      // no duplicates
  bool is_read_committed = true;  // no aborted or precommitted reads
  bool is_polled_to_end = true;   // the run ended with polls of every key from its start to its end
  bool is_compacted = false;      // superseded records may vanish
  bool orders_writes = false;     // also take log order between writes as a dependency of transactions
};
bool is_allowed(Anomaly anomaly, const Promises& promises);

/// One case of an anomaly: where, and the operations (by index) that show it.
struct Case {
  Anomaly anomaly;
  Key key = 0;
  std::vector<Value> values = {};
  std::vector<int64_t> offsets = {};
  int64_t delta = 0;  // of positions, for skips and steps back
  std::vector<uint64_t> ops = {};
  bool operator==(const Case&) const = default;
  /// One line.
  std::string text() const;
};

/// How often each anomaly was found, with the first cases of each.
class Report {
 public:
  static constexpr uint64_t cases_max = 32;  // kept of each anomaly

  explicit Report(const Promises& promises) : promises_(promises) {}
  void add(Case found);
  uint64_t count(Anomaly anomaly) const { return counts_[static_cast<size_t>(anomaly)]; }
  const std::vector<Case>& cases() const { return cases_; }
  std::vector<Case> cases(Anomaly anomaly) const;
  /// Nothing was found that the promises forbid.
  bool is_valid() const;
  /// A table of what was found, and then the cases.
  std::string text() const;

 private:
  const Promises promises_;
  std::array<uint64_t, anomaly_count> counts_ = {};
  std::vector<Case> cases_;
};

}  // namespace kt::sim
