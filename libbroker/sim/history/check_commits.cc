#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "libbroker/sim/history/checks.h"

namespace kt::sim {
namespace {

constexpr int64_t forever = std::numeric_limits<int64_t>::max();

/// One group's position in one key, as a register: which of its writes may a read still return?
class Position {
 public:
  void begin_commit(int64_t offset, int64_t begun_ns, int64_t done_ns) {
    first_begun_ns_.try_emplace(offset, begun_ns);
    if (done_ns == forever) {
      least_indefinite_ = std::min(least_indefinite_, offset);
    } else {
      commits_.push_back({offset, done_ns});
    }
    lower_open_floors(offset);
  }
  void end_commit(int64_t begun_ns) {
    took_effect(begun_ns);
    has_committed_ = true;
  }
  /// A read returned this: a commit of it has taken effect, though nobody may have been told so. A later read
  /// returns nothing older.
  void was_read(int64_t offset) {
    const auto begun_ns = first_begun_ns_.find(offset);
    if (begun_ns != first_begun_ns_.end()) took_effect(begun_ns->second);
  }
  /// The least that a read which begins now may return.
  int64_t floor() const {
    if (!has_committed_) return no_offset;
    int64_t least = least_indefinite_;
    for (const Commit& commit : commits_) least = std::min(least, commit.offset);
    return least;
  }
  void begin_fetch(uint32_t fetch) { open_floors_[fetch] = floor(); }
  int64_t end_fetch(uint32_t fetch) { return open_floors_.extract(fetch).mapped(); }

 private:
  struct Commit {
    int64_t offset, done_ns;
  };
  /// What ended before this one began can no longer be read.
  void took_effect(int64_t begun_ns) {
    overwritten_before_ns_ = std::max(overwritten_before_ns_, begun_ns);
    std::erase_if(commits_, [&](const Commit& commit) { return commit.done_ns < overwritten_before_ns_; });
  }
  void lower_open_floors(int64_t offset) {
    for (auto& [fetch, floor] : open_floors_) floor = std::min(floor, offset);
  }

  std::vector<Commit> commits_;  // that may be the last
  std::map<int64_t, int64_t> first_begun_ns_;  // by offset: of the commits of it, the earliest
  std::map<uint32_t, int64_t> open_floors_;
  int64_t least_indefinite_ = forever;
  int64_t overwritten_before_ns_ = std::numeric_limits<int64_t>::min();
  bool has_committed_ = false;
};

struct Event {
  int64_t time_ns;
  uint32_t row, mop;
  bool is_end;
};

std::vector<Event> events_of(const History& history) {
  std::vector<Event> events;
  const auto rows = history.rows();
  for (uint32_t row = 0; row < rows.size(); ++row) {
    const auto mops = history.mops(rows[row]);
    for (uint32_t mop = 0; mop < mops.size(); ++mop) {
      const bool is_commit = mops[mop].kind == MopKind::commit,
                 is_fetch = mops[mop].kind == MopKind::committed;
      const bool is_ok = rows[row].type == OpType::ok;
      if ((is_commit && rows[row].type != OpType::fail) || (is_fetch && is_ok)) {
        events.push_back({rows[row].invoked_ns, row, mop, false});
        if (is_ok) events.push_back({rows[row].completed_ns, row, mop, true});
      }
    }
  }
  std::ranges::sort(events, {}, [](const Event& event) {
    return std::tuple(event.time_ns, event.is_end, event.row, event.mop);
  });
  return events;
}

}  // namespace

void check_commits(const Knowledge& known, Report& report) {
  const auto rows = known.history.rows();
  std::map<std::pair<uint32_t, Key>, Position> positions;  // by group
  for (const Event& event : events_of(known.history)) {
    const History::Row& row = rows[event.row];
    const auto& mop = known.history.mops(row)[event.mop];
    Position& position = positions[{mop.record_key_or_group, mop.key}];
    const bool is_commit = mop.kind == MopKind::commit;
    if (is_commit && event.is_end) {
      position.end_commit(row.invoked_ns);
    } else if (is_commit) {
      position.begin_commit(mop.record.offset, row.invoked_ns,
                            row.type == OpType::ok ? row.completed_ns : forever);
    } else if (!event.is_end) {
      position.begin_fetch(event.row);
    } else if (const int64_t floor = position.end_fetch(event.row); mop.record.offset < floor) {
      report.add({.anomaly = Anomaly::offset_regress,
                  .key = mop.key,
                  .offsets = {floor, mop.record.offset},
                  .ops = {row.index}});
    } else {
      position.was_read(mop.record.offset);
    }
  }
}

}  // namespace kt::sim
